import { Injectable, Logger } from '@nestjs/common';
import { LockedAccounts } from '../../accounts/index.js';
import { Clock } from '../../common/clock.js';
import { messageOf } from '../../common/errors.js';
import { MessageRepository, type MessageRow } from '../../conversations/index.js';
import { Dialect, TransactionRunner, type Tx } from '../../database/index.js';
import type { ConversationRecord, LookupResult } from '../graph/conversation-lookup.js';
import { AttemptedSendRepository } from './attempted-send.repository.js';
import { decideSettlement, type Finding } from './decide-settlement.js';
import { LOST_AFTER_MS, NO_EVIDENCE_AFTER_MS } from './delivery.policy.js';
import { LookUpAttempt } from './look-up-attempt.js';
import type { ClaimedMessage } from './outbox-message.js';
import { externalIdKey, OutcomeWriter } from './outcome.writer.js';
import { weighEvidence } from './weigh-evidence.js';

const LOOKUPS_AT_ONCE = 10;
/** Messages before the attempted one, to see whether Instagram should show any. */
const EARLIER = 20;

/**
 * Finds out what became of sends whose outcome is unknown, from Instagram's own record of the conversation: found →
 * sent; proved absent → queued again; no evidence to be had → failed, rather than a second message.
 */
@Injectable()
export class SettleUncertainUseCase {
  private readonly logger = new Logger('SettleUncertain');
  private readonly running = new Map<string, Promise<void>>();
  /** Before it nobody may have looked: an outage must not use up the time that evidence is given. */
  private readonly startedAt: Date;
  private stopping = false;

  constructor(
    private readonly transactions: TransactionRunner,
    private readonly sends: AttemptedSendRepository,
    private readonly messages: MessageRepository,
    private readonly writer: OutcomeWriter,
    private readonly lookUp: LookUpAttempt,
    private readonly clock: Clock,
    private readonly dialect: Dialect,
    private readonly locked: LockedAccounts,
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
    const due = await this.transactions.run((tx) => this.sends.claimLookups(tx, accountId, now, until, LOOKUPS_AT_ONCE));
    await Promise.all(due.map((attempt) => this.settleOne(attempt)));
  }

  private async settleOne(attempt: ClaimedMessage): Promise<void> {
    try {
      const { result, about, note } = this.stopping
        ? this.lookUp.notNow('the service is stopping')
        : await this.lookUp.execute(attempt, this.givesUpAt(attempt));
      const record = () => this.transactions.run(async (tx) => {
        await this.apply(tx, attempt, result);
        await note(tx);
      });
      await record().catch(async (error: unknown) => {
        // That somebody keeps another account of the app locked must not keep this one from being recorded: found, it is left out.
        if (!this.dialect.isLockWait(error) || (await this.locked.find(about)).size === 0) throw error;
        await record();
      });
    } catch (error) {
      // It stays uncertain and is looked up again.
      this.logger.error({ msg: `A look-up could not be recorded: ${messageOf(error)}`, messageId: attempt.messageId });
    }
  }

  private async apply(tx: Tx, attempt: ClaimedMessage, result: LookupResult): Promise<void> {
    const { standing: [standing] } = await this.sends.lockAttempts(tx, [attempt]);
    if (standing?.status !== 'uncertain') return; // the echo, or a late answer, was faster
    const finding = result.kind === 'unanswered'
      ? { kind: 'nothing' as const, reason: result.reason, retryAfterMs: result.retryAfterMs }
      : await this.weigh(tx, attempt, result.record, result.askedAt);
    const decision = decideSettlement(attempt, finding, this.clock.now(), this.givesUpAt(attempt));
    await this.writer.write(tx, [{ outboxId: attempt.id, conversationId: attempt.conversationId, decision }]);
  }

  private givesUpAt({ attemptedAt }: ClaimedMessage): Date {
    return new Date(Math.max(attemptedAt.getTime(), this.startedAt.getTime()) + NO_EVIDENCE_AFTER_MS);
  }

  private async weigh(tx: Tx, attempt: ClaimedMessage, record: ConversationRecord, askedAt: Date): Promise<Finding> {
    const { accountId, conversationId, messageId } = attempt;
    const own = await this.messages.get(tx, accountId, messageId);
    if (!own) return { kind: 'nothing', reason: 'the message is gone', retryAfterMs: null };
    const keyed = record.messages.map(({ id }) => ({ id, accountId, externalKey: externalIdKey(id) ?? '' }));
    const standing = new Map((await this.messages.findExistingExternal(tx, keyed)).map((row) => [row.externalKey, row]));
    const known = new Map(keyed.flatMap(({ id, externalKey }) => {
      const row = standing.get(externalKey);
      return row ? [[id, row] as const] : [];
    }));
    const earlier = await this.messages.listByConversation(tx, accountId, conversationId, own.position, EARLIER);
    const evidence = weighEvidence({
      attempt, participantId: conversationId.slice(accountId.length + 1), record, position: own.position, known,
      expectsEarlier: earlier.some(isShownByInstagram),
    });
    switch (evidence.kind) {
      case 'found':
        return evidence;
      case 'absent':
        return { kind: 'absent', askedAt };
      case 'hidden':
        return { kind: 'nothing', reason: 'Instagram does not show the conversation that far back', retryAfterMs: null };
    }
  }
}

/** A tap on a button or a comment need not be among the messages that Instagram lists, and what was unsent is not. */
function isShownByInstagram({ externalKey, deletedAt, kind }: MessageRow): boolean {
  return externalKey !== null && deletedAt === null && kind !== 'postback' && kind !== 'comment';
}
