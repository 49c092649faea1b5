import { Injectable } from '@nestjs/common';
import { ConversationRepository, MessageRepository } from '../../conversations/index.js';
import type { Tx } from '../../database/index.js';
import { groupBy } from '../group-by.js';
import type { OutboxMessage } from './outbox-message.js';
import { whyWithdrawn } from './withdrawn.policy.js';

/**
 * Automatic replies that have waited (for a typing delay, a limit, another try, a pause of the account) while a person took
 * over, the customer opted out, or an operator paused the conversation: what was right to say then is not any more.
 */
@Injectable()
export class WithdrawnReplies {
  constructor(
    private readonly conversations: ConversationRepository,
    private readonly messages: MessageRepository,
  ) {}

  /** @param sends about to be claimed. @returns those that must not be sent, with the reason in plain words */
  async find(tx: Tx, sends: readonly OutboxMessage[], now: Date): Promise<ReadonlyMap<OutboxMessage, string>> {
    const replies = sends.filter((send) => send.source === 'rule');
    if (replies.length === 0) return new Map();
    const conversations = await this.conversations.findMany(tx, replies.map((send) => ({ accountId: send.accountId, id: send.conversationId })));
    const withdrawn = new Map<OutboxMessage, string>();
    for (const send of replies) {
      const conversation = conversations.get(send.conversationId);
      const why = conversation ? whyWithdrawn(conversation, send.createdAt, now) : null;
      if (why !== null) withdrawn.set(send, why);
    }
    return withdrawn.size === 0 ? withdrawn : await this.butConfirmations(tx, withdrawn);
  }

  /** That an opt-out or opt-in is heeded is said whatever has been paused. */
  private async butConfirmations(tx: Tx, withdrawn: ReadonlyMap<OutboxMessage, string>): Promise<ReadonlyMap<OutboxMessage, string>> {
    const confirmations = new Set<string>();
    for (const [accountId, sends] of groupBy([...withdrawn.keys()], (send) => send.accountId)) {
      const messages = await this.messages.findMany(tx, accountId, sends.map((send) => send.messageId));
      for (const { id, details } of messages) if (details?.automatic !== undefined) confirmations.add(id);
    }
    return new Map([...withdrawn].filter(([send]) => !confirmations.has(send.messageId)));
  }
}
