import { Inject, Injectable, Logger } from '@nestjs/common';
import { accessTokenHash, AccountDirectory, CredentialsUnreadableError, type Account } from '../../accounts/index.js';
import { Clock } from '../../common/clock.js';
import { messageOf } from '../../common/errors.js';
import { Telemetry } from '../../common/telemetry.js';
import { MESSAGE_SENDER, type MessageSender } from '../message-sender.port.js';
import { kindsOfSend } from '../pace/kinds-of-send.js';
import { Pace, type Pass } from '../pace/pace.port.js';
import { AccountPauses } from './account-pauses.js';
import { CALLED_WITHIN_MS, CLAIM_GOOD_FOR_MS, comeBackAfterMs, STOPPED_PAUSE_MS } from './delivery.policy.js';
import type { ClaimedMessage } from './outbox-message.js';
import type { Attempt } from './outcome.recorder.js';
import { sendResultOf } from './send-result.js';

/** After another message of the account was throttled, or its account was stopped: what was claimed meanwhile waits for the next claim. */
const BEHIND_A_PAUSE_MS = 1_000;

type GrantedPass = Extract<Pass, { granted: true }>;

/** Makes one claimed send: the token, the account's pace, and, as the very next thing, the call. */
@Injectable()
export class AttemptSend {
  private readonly logger = new Logger('AttemptSend');

  constructor(
    private readonly directory: AccountDirectory,
    private readonly pace: Pace,
    private readonly pauses: AccountPauses,
    @Inject(MESSAGE_SENDER) private readonly sender: MessageSender,
    private readonly telemetry: Telemetry,
    private readonly clock: Clock,
  ) {}

  /** `released`: it was not called after all. */
  async execute(claimed: ClaimedMessage): Promise<Attempt> {
    const { accountId } = claimed;
    const { account, accessToken } = await this.credentials(accountId);
    const turn = accessToken === null ? STOPPED_PAUSE_MS : this.isStopped(account) ? BEHIND_A_PAUSE_MS : await this.waitForTurn(claimed);
    const calledAt = this.clock.now();
    // This process may have stood still meanwhile, for so long that others take the call for made and lost.
    const tooLate = calledAt.getTime() - claimed.attemptedAt.getTime() > CALLED_WITHIN_MS;
    if (accessToken === null || typeof turn === 'number' || tooLate) {
      if (typeof turn !== 'number') turn.giveBack();
      return { ...this.release(claimed, typeof turn === 'number' ? turn : 0), account };
    }
    const started = performance.now();
    const outcome = await this.sender.sendMessage({ accountId, accessToken, body: claimed.request });
    // Of the hour alone: the seconds keep tries from coming as fast as they fail.
    if (outcome.kind === 'unreached') turn.giveBack(['private_replies']);
    // Until it is recorded; from then on the claim finds it.
    if (outcome.kind === 'dead_token') this.pauses.pause(accountId, STOPPED_PAUSE_MS);
    if ('pause' in outcome && outcome.pause) this.pauses.pause(accountId, Math.min(outcome.pause.forMs, STOPPED_PAUSE_MS));
    this.telemetry.sendSettled(sendResultOf(outcome), (performance.now() - started) / 1000);
    return { claimed, outcome, account, tokenHash: accessTokenHash(accessToken), calledAt };
  }

  /** What came of a send that is not called after all. */
  release(claimed: ClaimedMessage, afterMs = 0): Attempt {
    this.telemetry.sendSettled('held_back', 0);
    return { claimed, outcome: { kind: 'released', afterMs }, account: null, tokenHash: null, calledAt: this.clock.now() };
  }

  /** A pass: its turn has come, and the call must follow at once. Else after how long it may be claimed again. */
  private async waitForTurn(claimed: ClaimedMessage): Promise<GrantedPass | number> {
    const { accountId, request } = claimed;
    if (this.pauses.isPaused(accountId)) return BEHIND_A_PAUSE_MS;
    // Others reckon from the claim when this call can have been made at the latest.
    const patience = CLAIM_GOOD_FOR_MS - (this.clock.now().getTime() - claimed.attemptedAt.getTime());
    if (patience < 0) return 0;
    const pass = await this.pace.take(accountId, kindsOfSend(request), patience);
    if (!pass.granted) return comeBackAfterMs(pass.retryAfterMs, Math.random());
    if (!this.pauses.isPaused(accountId)) return pass;
    pass.giveBack();
    return BEHIND_A_PAUSE_MS;
  }

  /** Since it was claimed somebody has switched the account off, or an answer, perhaps another instance's, has stopped it: the next claim says what becomes of it. */
  private isStopped(account: Account | null): boolean {
    const now = this.clock.now();
    return account?.status === 'inactive' || account?.tokenStatus === 'invalid' || (account?.sendingPausedUntil ?? now) > now;
  }

  private async credentials(accountId: string): Promise<{ account: Account | null; accessToken: string | null }> {
    try {
      const account = await this.directory.find(accountId);
      return { account, accessToken: account ? await this.directory.accessToken(accountId) : null };
    } catch (error) {
      // Nothing is claimed for it meanwhile: thousands may wait.
      this.pauses.pause(accountId, STOPPED_PAUSE_MS);
      if (!(error instanceof CredentialsUnreadableError)) this.logger.error({ msg: `The access token could not be read: ${messageOf(error)}`, accountId });
      return { account: null, accessToken: null };
    }
  }
}
