import { Injectable, Logger } from '@nestjs/common';
import { accessTokenHash, AccountDirectory, AccountRepository } from '../../accounts/index.js';
import { Clock } from '../../common/clock.js';
import { messageOf } from '../../common/errors.js';
import type { Tx } from '../../database/index.js';
import { ConversationLookup, type LookupResult } from '../graph/conversation-lookup.js';
import type { ClaimedMessage } from './outbox-message.js';

export interface LookedUp {
  readonly result: LookupResult;
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
    private readonly accounts: AccountRepository,
    private readonly clock: Clock,
  ) {}

  /** @param givesUpAt when it is to be given up for want of evidence */
  async execute({ accountId, conversationId }: ClaimedMessage, givesUpAt: Date): Promise<LookedUp> {
    const participantId = conversationId.slice(accountId.length + 1);
    const { accessToken, reason } = await this.credentials(accountId, givesUpAt);
    if (accessToken === null || reason !== null) return this.notNow(reason ?? 'the account is gone');
    const result = await this.lookups.newestMessages(accountId, participantId, accessToken);
    return { result, note: (tx) => this.noteDeadToken(tx, accountId, accessToken, result) };
  }

  notNow(reason: string): LookedUp {
    return {
      result: { kind: 'unanswered', reason, deadToken: false, retryAfterMs: null, askedAt: this.clock.now() },
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
    return isPaused ? 'Instagram wants no calls for the account for now' : null;
  }

  private async noteDeadToken(tx: Tx, accountId: string, accessToken: string, result: LookupResult): Promise<void> {
    if (result.kind !== 'unanswered' || !result.deadToken) return;
    await this.accounts.markTokenStatus(tx, accountId, { tokenHash: accessTokenHash(accessToken), status: 'invalid', calledAt: result.askedAt });
    tx.afterCommit(() => {
      this.directory.evict(accountId);
    });
  }
}
