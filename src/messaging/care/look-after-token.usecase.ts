import { Injectable, Logger } from '@nestjs/common';
import { AccountDirectory, StoreRefreshedTokenUseCase, type Account, type ClaimedCare } from '../../accounts/index.js';
import { Clock } from '../../common/clock.js';
import { SYSTEM_CONTEXT } from '../../common/request-context.js';
import { InstagramAccountVerifier, type InstagramVerification } from '../graph/instagram-account.verifier.js';
import { TokenRefresher, type RefreshResult } from '../graph/token-refresher.js';
import { CALLS_WITHIN_MS, CLAIM_MS, nextLookAt } from './care.policy.js';
import { failing, idle, well, type Look } from './look.js';
import { TokenNewsWriter } from './token-news.writer.js';
import { planToken, type TokenState } from './token.policy.js';

const RENEW = 'Generate a new one in Meta’s dashboard and PATCH the account with it.';

/** Keeps an account's token alive and its status true: asks Graph where nobody knows, and refreshes before the end. */
@Injectable()
export class LookAfterTokenUseCase {
  private readonly logger = new Logger('TokenCare');

  constructor(
    private readonly directory: AccountDirectory,
    private readonly verifier: InstagramAccountVerifier,
    private readonly refresher: TokenRefresher,
    private readonly refreshed: StoreRefreshedTokenUseCase,
    private readonly news: TokenNewsWriter,
    private readonly clock: Clock,
  ) {}

  async execute(claim: ClaimedCare): Promise<Look> {
    // As it is now: what another instance renewed a moment ago must not be renewed again.
    this.directory.evict(claim.accountId);
    const account = await this.directory.find(claim.accountId);
    const accessToken = account && (await this.directory.accessToken(claim.accountId));
    if (!account || accessToken === null) return idle(this.clock.now());
    let token = stateOf(account);
    let plan = planToken(token, this.clock.now());
    if (plan.kind === 'check') {
      const refusal = await this.check(claim, account, accessToken);
      if (refusal) return refusal;
      // What Graph accepts has not ended: a date that is over was a mistake, and is learnt anew.
      const isOver = token.expiresAt !== null && token.expiresAt <= this.clock.now();
      token = { ...token, status: 'valid', expiresAt: isOver ? null : token.expiresAt };
      plan = planToken(token, this.clock.now());
    }
    if (plan.kind === 'refresh') return await this.refresh(claim, accessToken, token);
    const now = this.clock.now();
    const dueAt = nextLookAt('token', now, Math.random());
    return well(claim, now, plan.kind === 'wait' && plan.until < dueAt ? { dueAt: plan.until } : { dueAt });
  }

  /** Null: Graph accepts the token. */
  private async check(claim: ClaimedCare, account: Account, accessToken: string): Promise<Look | null> {
    const askedAt = this.clock.now();
    const seen = await this.verifier.verify({ accountId: account.id, accessToken });
    if (seen.tokenAccepted === true && seen.ok) {
      if (account.tokenStatus === 'invalid') this.logger.log({ msg: 'The access token is accepted again', accountId: account.id });
      await this.news.write(account.id, accessToken, 'valid', askedAt);
      return null;
    }
    if (seen.tokenAccepted === false) return await this.dead(claim, accessToken, seen, askedAt);
    // It belongs to somebody else, as far as Graph tells: people must look; sends will show whether it is so.
    const problem = seen.tokenAccepted === true ? String(seen.error) : `The access token could not be checked: ${String(seen.error).replace(/\.$/, '')}.`;
    return this.failed(claim, problem);
  }

  private async refresh(claim: ClaimedCare, accessToken: string, token: TokenState): Promise<Look> {
    const askedAt = this.clock.now();
    const leftMs = claim.claimedUntil.getTime() - askedAt.getTime();
    if (leftMs < CLAIM_MS - CALLS_WITHIN_MS) return { ...well(claim, askedAt), dueAt: askedAt, failures: claim.failures, problem: claim.problem };
    // All three are sealed together: where one of the others does not open, what Meta gives could not be stored.
    await this.directory.appSecret(claim.accountId);
    await this.directory.verifyToken(claim.accountId);
    const result = await this.refresher.refresh(accessToken);
    switch (result.kind) {
      case 'refreshed':
        return await this.store(claim, accessToken, result, askedAt);
      case 'unanswered':
        return failing(claim, this.clock.now(), this.notRenewed(claim, token, result.reason), result);
      case 'refused':
        return failing(claim, this.clock.now(), this.notRenewed(claim, token, result.reason));
      case 'dead_token': {
        // Sending stops with this: Graph must say it of the token, and not only of its refresh.
        const seen = await this.verifier.verify({ accountId: claim.accountId, accessToken });
        return seen.tokenAccepted === false
          ? await this.dead(claim, accessToken, seen, askedAt)
          : failing(claim, this.clock.now(), this.notRenewed(claim, token, result.reason));
      }
    }
  }

  private async store(
    claim: ClaimedCare, former: string, { accessToken, expiresAt }: RefreshResult & { kind: 'refreshed' }, askedAt: Date,
  ): Promise<Look> {
    const { accountId } = claim;
    const stored = await this.refreshed.execute(SYSTEM_CONTEXT, { accountId, former, accessToken, expiresAt, askedAt });
    if (stored) this.logger.log({ msg: 'The access token was renewed', accountId, expiresAt: expiresAt.toISOString() });
    else this.logger.log({ msg: 'A renewed access token was dropped: the account has another one by now', accountId });
    return well(claim, this.clock.now(), stored ? { outcome: 'changed' } : {});
  }

  private async dead(claim: ClaimedCare, accessToken: string, seen: InstagramVerification, askedAt: Date): Promise<Look> {
    await this.news.write(claim.accountId, accessToken, 'invalid', askedAt);
    const look = this.failed(claim, String(seen.error));
    // Its owner may set it right on Instagram; until then there is nothing to hurry for.
    return { ...look, dueAt: nextLookAt('token', this.clock.now(), Math.random()) };
  }

  private notRenewed(claim: ClaimedCare, { expiresAt }: TokenState, reason: string): string {
    const end = expiresAt === null ? 'When it ends is not known' : `It ends at ${expiresAt.toISOString()}`;
    const problem = `The access token could not be renewed: ${reason}. ${end}; this is tried again. ${RENEW}`;
    this.logger.warn({ msg: problem, accountId: claim.accountId });
    return problem;
  }

  private failed(claim: ClaimedCare, problem: string): Look {
    this.logger.warn({ msg: problem, accountId: claim.accountId });
    return failing(claim, this.clock.now(), problem);
  }
}

function stateOf(account: Account): TokenState {
  return {
    status: account.tokenStatus === 'expiring' ? 'valid' : account.tokenStatus,
    expiresAt: account.tokenExpiresAt,
    storedAt: account.tokenStoredAt,
  };
}
