import { Injectable } from '@nestjs/common';
import { AccountNotFoundError, AccountRepository } from '../../accounts/index.js';
import { AuditTrail, erasedTarget, type AuditedPerson } from '../../audit/index.js';
import { Clock } from '../../common/clock.js';
import type { RequestContext } from '../../common/request-context.js';
import { ConversationErasureRepository, ConversationNotFoundError, ConversationRepository, type Erasure } from '../../conversations/index.js';
import { TransactionRunner, type Tx } from '../../database/index.js';
import { CooldownRepository } from '../../rules/index.js';
import { failed } from '../outbox/decide-outcome.js';
import type { OutboxMessage } from '../outbox/outbox-message.js';
import { OutboxRepository } from '../outbox/outbox.repository.js';
import { OutcomeWriter } from '../outbox/outcome.writer.js';
import { ErasedEventRepository } from './erased-event.repository.js';
import { eventWaiting, messageUnderWay } from './erasure.errors.js';

export interface BegunErasure extends Erasure {
  readonly person: AuditedPerson;
  /** What was there when it began: events and audit entries by their ids. */
  readonly lastEventId: number;
  readonly lastEntryId: number;
}

/** Messages cancelled in one transaction. */
const CANCELLED_AT_ONCE = 500;
const CANCELLED = 'It was cancelled before it was sent, since its conversation is being erased.';

/** What an erasure does at once: nothing more is sent, and the conversation stands as if it were new. */
@Injectable()
export class BeginErasure {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly accounts: AccountRepository,
    private readonly conversations: ConversationRepository,
    private readonly erasures: ConversationErasureRepository,
    private readonly outbox: OutboxRepository,
    private readonly writer: OutcomeWriter,
    private readonly events: ErasedEventRepository,
    private readonly cooldowns: CooldownRepository,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  async execute(ctx: RequestContext, accountId: string, conversationId: string): Promise<BegunErasure> {
    for (;;) {
      const begun = await this.transactions.run((tx) => this.begin(tx, ctx, accountId, conversationId));
      if (begun) return begun;
    }
  }

  /** Null: more is queued than is cancelled at once. */
  private async begin(tx: Tx, ctx: RequestContext, accountId: string, conversationId: string): Promise<BegunErasure | null> {
    if (!(await this.accounts.find(tx, accountId))) throw new AccountNotFoundError(accountId);
    // Whoever records, answers or sends in it holds its row: from here on nothing comes to it.
    const conversation = (await this.conversations.lockMany(tx, [{ accountId, id: conversationId }])).get(conversationId);
    if (!conversation) throw new ConversationNotFoundError(conversationId);
    const sends = await this.outbox.lockConversation(tx, accountId, conversationId, CANCELLED_AT_ONCE);
    if (sends.some(({ status }) => status !== 'queued')) throw messageUnderWay();
    if (await this.events.isWaiting(tx, accountId, conversationId)) throw eventWaiting();
    await this.cancel(tx, sends);
    if (sends.length === CANCELLED_AT_ONCE) return null;

    const lastEventId = await this.events.newestId(tx, accountId);
    const lastEntryId = await this.audit.newestId(tx, accountId);
    const person = { target: conversationId, id: conversation.participantId };
    await this.cooldowns.deleteOf(tx, { accountId, conversationId });
    const erasure = await this.erasures.begin(tx, conversation, this.clock.now());
    await this.audit.record(tx, ctx, {
      action: 'conversation.erase', accountId, target: erasedTarget(person), changes: { messages: erasure.upTo, keepsOptOut: conversation.optedOut },
    });
    return { ...erasure, person, lastEventId, lastEntryId };
  }

  private async cancel(tx: Tx, sends: readonly OutboxMessage[]): Promise<void> {
    await this.writer.write(tx, sends.map((send) => ({
      outboxId: send.id, conversationId: send.conversationId, decision: failed(send, CANCELLED), end: 'cancelled',
    })));
  }
}
