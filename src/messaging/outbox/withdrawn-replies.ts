import { Injectable } from '@nestjs/common';
import { ConversationRepository, MessageRepository } from '../../conversations/index.js';
import type { Tx } from '../../database/index.js';
import { groupBy } from '../group-by.js';
import { DueSendRepository } from './due-send.repository.js';
import type { OutboxMessage } from './outbox-message.js';
import { OutboxRepository } from './outbox.repository.js';
import { whyWithdrawn } from './withdrawn.policy.js';

/** Of one claim, over its accounts: conversations looked at, and replies in them. What is beyond goes with the next claim: what it claims must not wait for long. */
const CONVERSATIONS_AT_ONCE = 128;
const REPLIES_AT_ONCE = 500;

/** Rows of the outbox, each with why it is not sent. */
export type Withdrawn = ReadonlyMap<OutboxMessage, string>;

/**
 * Automatic replies that have waited (for a typing delay, a limit, another try, a pause of the account) while a person took
 * over, the customer opted out, or an operator paused the conversation: what was right to say then is not any more.
 */
@Injectable()
export class WithdrawnReplies {
  constructor(
    private readonly outbox: OutboxRepository,
    private readonly due: DueSendRepository,
    private readonly conversations: ConversationRepository,
    private readonly messages: MessageRepository,
  ) {}

  /**
   * To be called with the accounts' lanes held.
   * @param sends about to be claimed; of others of their accounts, which are locked then, as many as are found with few statements
   */
  async find(tx: Tx, sends: readonly OutboxMessage[], now: Date): Promise<Withdrawn> {
    const found = await this.among(tx, sends, now);
    // Where there is one there may be thousands, of a pause that has just ended say: they must not go by the handful in which calls do.
    return found.size === 0 ? found : await this.further(tx, [...found.keys()], now);
  }

  private async further(tx: Tx, found: readonly OutboxMessage[], now: Date): Promise<Withdrawn> {
    const accounts = [...new Set(found.map((row) => row.accountId))];
    const share = (atOnce: number) => Math.ceil(atOnce / accounts.length);
    const wanted = accounts.map((accountId) => ({ accountId, limit: share(CONVERSATIONS_AT_ONCE) }));
    const fronts = [...(await this.due.lockDue(tx, wanted, now)).values()].flatMap(({ rows }) => rows);
    const first = await this.among(tx, [...fronts, ...found], now);
    const behind: OutboxMessage[] = [];
    for (const [accountId, rows] of groupBy([...first.keys()], (row) => row.accountId)) {
      const conversations = [...new Set(rows.map((row) => row.conversationId))];
      behind.push(...(await this.outbox.lockQueuedReplies(tx, accountId, conversations, share(REPLIES_AT_ONCE))));
    }
    const rows = new Map([...first.keys(), ...behind].map((row) => [row.id, row]));
    return await this.among(tx, [...rows.values()], now);
  }

  private async among(tx: Tx, sends: readonly OutboxMessage[], now: Date): Promise<Withdrawn> {
    const replies = sends.filter((send) => send.source === 'rule');
    if (replies.length === 0) return new Map();
    const keys = new Map(replies.map((send) => [send.conversationId, { accountId: send.accountId, id: send.conversationId }]));
    const conversations = await this.conversations.findMany(tx, [...keys.values()]);
    const withdrawn = new Map<OutboxMessage, string>();
    for (const send of replies) {
      const conversation = conversations.get(send.conversationId);
      const why = conversation ? whyWithdrawn(conversation, send.createdAt, now) : null;
      if (why !== null) withdrawn.set(send, why);
    }
    return withdrawn.size === 0 ? withdrawn : await this.butConfirmations(tx, withdrawn);
  }

  /** That an opt-out or opt-in is heeded is said whatever has been paused. */
  private async butConfirmations(tx: Tx, withdrawn: Withdrawn): Promise<Withdrawn> {
    const confirmations = new Set<string>();
    for (const [accountId, sends] of groupBy([...withdrawn.keys()], (send) => send.accountId)) {
      const messages = await this.messages.findMany(tx, accountId, sends.map((send) => send.messageId));
      for (const { id, details } of messages) if (details?.automatic !== undefined) confirmations.add(id);
    }
    return new Map([...withdrawn].filter(([send]) => !confirmations.has(send.messageId)));
  }
}
