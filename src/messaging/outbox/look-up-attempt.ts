import { Injectable, Logger } from '@nestjs/common';
import { accessTokenHash, AccountDirectory } from '../../accounts/index.js';
import { Clock } from '../../common/clock.js';
import { messageOf } from '../../common/errors.js';
import type { Tx } from '../../database/index.js';
import { ConversationLookup, NO_CALLS, type LookupResult } from '../graph/conversation-lookup.js';
import type { AccountCall } from './account-news.js';
import { AccountNewsWriter } from './account-news.writer.js';
import { AccountPauses } from './account-pauses.js';
import { STOPPED_PAUSE_MS } from './delivery.policy.js';
import type { ClaimedMessage } from './outbox-message.js';

export interface LookedUp {
  readonly result: LookupResult;
  /** The accounts of which it says something. */
  readonly about: readonly string[];
  /** To be called in the transaction that records the result. */
  readonly note: (tx: Tx) => Promise<void>;
}

/** Asks Instagram about an attempt, where there is a point in asking now. */
@Injectable()
export class LookUpAttempt {
  private readonly logger = new Logger('LookUpAttempt');

  constructor(
    private readonly lookups: ConversationLookup,
    private readonly directory: AccountDirectory,
    private readonly news: AccountNewsWriter,
    private readonly pauses: AccountPauses,
    private readonly clock: Clock,
  ) {}

  /** @param givesUpAt when it is to be given up for want of evidence */
  async execute({ accountId, conversationId }: ClaimedMessage, givesUpAt: Date): Promise<LookedUp> {
    const participantId = conversationId.slice(accountId.length + 1);
    const { accessToken, reason } = await this.credentials(accountId, givesUpAt);
    if (accessToken === null || reason !== null) return this.notNow(reason ?? 'the account is gone');
    const mayCall = () => !this.pauses.isPaused(accountId) || this.clock.now() >= givesUpAt;
    const result = await this.lookups.newestMessages(accountId, participantId, accessToken, mayCall);
    const outcome = outcomeOf(result);
    if (outcome === null) return { result, about: [], note: () => Promise.resolve() };
    // Until it is recorded: other look-ups and sends of the account have their turn meanwhile.
    if (outcome.pause) this.pauses.pause(accountId, Math.min(outcome.pause.forMs, STOPPED_PAUSE_MS));
    const news = await this.news.gather([{ account: null, accountId, tokenHash: accessTokenHash(accessToken), outcome, calledAt: result.askedAt }]);
    return { result, about: news.own.map((one) => one.accountId), note: (tx) => this.news.write(tx, news) };
  }

  notNow(reason: string): LookedUp {
    return {
      result: { kind: 'unanswered', reason, deadToken: false, retryAfterMs: null, pause: null, askedAt: this.clock.now() },
      about: [],
      note: () => Promise.resolve(),
    };
  }

  /** Where they cannot be read, the look-up is not answered, like any other: in the end it is given up. */
  private async credentials(accountId: string, givesUpAt: Date): Promise<{ accessToken: string | null; reason: string | null }> {
    try {
      const accessToken = await this.directory.accessToken(accountId);
      return { accessToken, reason: accessToken === null ? null : await this.whyNotNow(accountId, givesUpAt) };
    } catch (error) {
      this.logger.error({ msg: `The access token could not be read: ${messageOf(error)}`, accountId });
      return { accessToken: null, reason: 'the access token could not be read' };
    }
  }

  /** An inactive account is asked about all the same: what was sent for it was sent. */
  private async whyNotNow(accountId: string, givesUpAt: Date): Promise<string | null> {
    const account = await this.directory.find(accountId);
    if (account?.tokenStatus === 'invalid') return 'Instagram no longer accepts the access token';
    const now = this.clock.now();
    // Calling on makes a block longer; before it is given up, it is asked all the same.
    const isPaused = (account?.sendingPausedUntil ?? now) > now && now < givesUpAt;
    return isPaused ? NO_CALLS : null;
  }
}

/** What it says of the account, in a send's terms; null: nothing. */
function outcomeOf(result: LookupResult): AccountCall['outcome'] | null {
  if (result.kind !== 'unanswered') return null;
  if (result.deadToken) return { kind: 'dead_token' };
  return result.pause && { kind: 'paused', pause: result.pause };
}
