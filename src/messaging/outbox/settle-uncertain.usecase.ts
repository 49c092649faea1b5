import { Injectable, Logger } from '@nestjs/common';
import { accessTokenHash, AccountDirectory, AccountRepository } from '../../accounts/index.js';
import { Clock } from '../../common/clock.js';
import { messageOf } from '../../common/errors.js';
import { MessageRepository, type MessageRow } from '../../conversations/index.js';
import { TransactionRunner, type Tx } from '../../database/index.js';
import { ConversationLookup, type ExternalMessage, type LookupResult } from '../graph/conversation-lookup.js';
import { failed, queued, type Decision } from './decide-outcome.js';
import {
  LOOKUP_RETRY_MS, LOST_AFTER_MS, MOST_ATTEMPTS, NO_EVIDENCE_AFTER_MS, nextLookupAt, provesAbsence,
} from './delivery.policy.js';
import { findEvidence, reachesBack } from './find-evidence.js';
import type { ClaimedMessage } from './outbox-message.js';
import { OutboxRepository } from './outbox.repository.js';
import { externalIdKey, OutcomeWriter } from './outcome.writer.js';

const LOOKUPS_AT_ONCE = 10;

/**
 * Finds out what became of sends whose outcome is unknown, from Instagram's own record of the conversation: found →
 * sent; proved absent → queued again; no evidence to be had → failed, rather than a second message.
 */
@Injectable()
export class SettleUncertainUseCase {
  private readonly logger = new Logger('SettleUncertain');
  private readonly running = new Map<string, Promise<void>>();
  private stopping = false;
  /** Before it nobody may have looked: an outage must not use up the time that evidence is given. */
  private readonly startedAt: Date;

  constructor(
    private readonly transactions: TransactionRunner,
    private readonly outbox: OutboxRepository,
    private readonly messages: MessageRepository,
    private readonly writer: OutcomeWriter,
    private readonly lookups: ConversationLookup,
    private readonly directory: AccountDirectory,
    private readonly accounts: AccountRepository,
    private readonly clock: Clock,
  ) {
    this.startedAt = clock.now();
  }

  /** Looks up what is due of the account. One run an account at a time; a call during a run joins it. */
  async execute(accountId: string): Promise<void> {
    if (this.stopping) return;
    const running = this.running.get(accountId) ?? this.settle(accountId).finally(() => this.running.delete(accountId));
    this.running.set(accountId, running);
    await running;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.allSettled(this.running.values());
  }

  private async settle(accountId: string): Promise<void> {
    const now = this.clock.now();
    // Long enough for all of these look-ups: what a crash leaves is due again then.
    const until = new Date(now.getTime() + LOST_AFTER_MS);
    const due = await this.transactions.run((tx) => this.outbox.claimLookups(tx, accountId, now, until, LOOKUPS_AT_ONCE));
    await Promise.all(due.map((attempt) => this.settleOne(attempt)));
  }

  private async settleOne(attempt: ClaimedMessage): Promise<void> {
    try {
      const { accountId } = attempt;
      const participantId = attempt.conversationId.slice(accountId.length + 1);
      const accessToken = await this.directory.accessToken(accountId);
      const result: LookupResult = this.stopping || accessToken === null
        ? { kind: 'unanswered', reason: 'it was not looked up', deadToken: false, askedAt: this.clock.now() }
        : await this.lookups.newestMessages(accountId, participantId, accessToken);
      await this.transactions.run(async (tx) => {
        await this.apply(tx, attempt, participantId, result);
        if (accessToken !== null) await this.noteDeadToken(tx, accountId, accessToken, result);
      });
      if (result.kind === 'unanswered' && result.deadToken) this.directory.evict(accountId);
    } catch (error) {
      // It stays uncertain and is looked up again.
      this.logger.error({ msg: `A look-up could not be recorded: ${messageOf(error)}`, messageId: attempt.messageId });
    }
  }

  private async apply(tx: Tx, attempt: ClaimedMessage, participantId: string, result: LookupResult): Promise<void> {
    const [standing] = await this.outbox.lockAttempts(tx, [attempt]);
    if (standing?.status !== 'uncertain') return; // the echo, or a late answer, was faster
    const decision = result.kind === 'unanswered'
      ? this.withoutAnswer(attempt, result.reason)
      : await this.withAnswer(tx, attempt, participantId, result.messages, result.askedAt);
    await this.writer.write(tx, [{ outboxId: attempt.id, conversationId: attempt.conversationId, decision }]);
  }

  private async noteDeadToken(tx: Tx, accountId: string, accessToken: string, result: LookupResult): Promise<void> {
    if (result.kind !== 'unanswered' || !result.deadToken) return;
    const news = { tokenHash: accessTokenHash(accessToken), status: 'invalid', calledAt: result.askedAt } as const;
    await this.accounts.markTokenStatus(tx, accountId, news);
  }

  private async withAnswer(
    tx: Tx, attempt: ClaimedMessage, participantId: string, messages: readonly ExternalMessage[], askedAt: Date,
  ): Promise<Decision> {
    const recorded = await this.findRecorded(tx, attempt.accountId, messages);
    // The same text may have been sent before, or by a person: what stands in our records as another is not this one.
    const isOther = ({ id }: ExternalMessage) => (recorded.get(id)?.id ?? attempt.messageId) !== attempt.messageId;
    const found = findEvidence(attempt, participantId, messages).find((message) => !isOther(message));
    if (found) {
      const { accountId, messageId } = attempt;
      return {
        message: { accountId, id: messageId, status: 'sent', externalId: found.id, sentAt: found.createdAt, error: null },
        next: null,
      };
    }
    if (!reachesBack(attempt, messages, ({ id }) => recorded.get(id)?.createdAt)) {
      return this.withoutAnswer(attempt, 'more messages have come since than Instagram tells of');
    }
    const lookups = attempt.lookups + 1;
    const now = this.clock.now();
    if (!provesAbsence(lookups, askedAt, attempt.attemptedAt)) {
      return this.stillUncertain(attempt, lookups, nextLookupAt(now, attempt.attemptedAt, lookups), attempt.error);
    }
    const reason = attempt.error ?? 'the outcome was unknown';
    return attempt.attempts >= MOST_ATTEMPTS
      ? failed(attempt, `Instagram has not got it (${reason}); tried ${String(attempt.attempts)} times`)
      : queued(attempt, 0, now, `Instagram has not got it (${reason}), so it is sent again`, attempt.attempts);
  }

  private withoutAnswer(attempt: ClaimedMessage, reason: string): Decision {
    const now = this.clock.now();
    const since = Math.max(attempt.attemptedAt.getTime(), this.startedAt.getTime());
    if (now.getTime() - since < NO_EVIDENCE_AFTER_MS) {
      return this.stillUncertain(attempt, attempt.lookups, new Date(now.getTime() + LOOKUP_RETRY_MS), attempt.error);
    }
    return failed(
      attempt,
      `Whether Instagram delivered it could not be found out for 15 minutes (${reason}), and it was not sent again, since the customer may have it.`,
    );
  }

  private stillUncertain(attempt: ClaimedMessage, lookups: number, nextAttemptAt: Date, error: string | null): Decision {
    const { accountId, messageId, id, attempts } = attempt;
    const words = `It is being looked up whether it was delivered${error === null ? '' : `: ${error}`}`;
    return {
      message: { accountId, id: messageId, status: 'uncertain', externalId: null, sentAt: null, error: words },
      next: { id, accountId, status: 'uncertain', attempts, lookups, nextAttemptAt, error },
    };
  }

  /** Those that stand in our records, by Instagram's id. */
  private async findRecorded(tx: Tx, accountId: string, messages: readonly ExternalMessage[]): Promise<ReadonlyMap<string, MessageRow>> {
    const keyed = messages.map(({ id }) => ({ id, accountId, externalKey: externalIdKey(id) ?? '' }));
    const rows = new Map((await this.messages.findExistingExternal(tx, keyed)).map((row) => [row.externalKey, row]));
    return new Map(keyed.flatMap(({ id, externalKey }) => {
      const row = rows.get(externalKey);
      return row ? [[id, row]] : [];
    }));
  }
}
