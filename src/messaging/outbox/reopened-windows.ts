import { Injectable } from '@nestjs/common';
import { textOf } from '../../common/json-fields.js';
import { ConversationRepository } from '../../conversations/index.js';
import type { Tx } from '../../database/index.js';
import { kindsOfSend } from '../pace/kinds-of-send.js';
import { mayWrite } from './manual-send.policy.js';
import { isTyping } from './message-content.js';
import type { OutboxMessage } from './outbox-message.js';
import { OutboxRepository } from './outbox.repository.js';

/**
 * A person's message may be sent for as long as its window is open. That was noted when it was queued; if it waits (for an access
 * token, a pause of the account) the customer may write again meanwhile, and the window stays open.
 */
@Injectable()
export class ReopenedWindows {
  constructor(
    private readonly conversations: ConversationRepository,
    private readonly outbox: OutboxRepository,
  ) {}

  /**
   * Gives those of `expired` that may still be sent the time they have now.
   * @param expired locked
   * @returns the others
   */
  async giveTime(tx: Tx, expired: readonly OutboxMessage[], now: Date): Promise<OutboxMessage[]> {
    const byHand = expired.filter(followsWindow);
    if (byHand.length === 0) return [...expired];
    const keys = new Map(byHand.map(({ accountId, conversationId }) => [conversationId, { accountId, id: conversationId }]));
    const conversations = await this.conversations.findMany(tx, [...keys.values()]);
    const inTime = new Map<OutboxMessage, Date>();
    for (const send of byHand) {
      const conversation = conversations.get(send.conversationId);
      const permission = conversation && mayWrite(conversation, textOf(send.request, 'tag') !== null, now);
      if (!permission || !('until' in permission)) continue;
      const until = new Date(Math.min(permission.until.getTime(), send.createdAt.getTime() + GOOD_FOR_MS));
      if (until > now) inTime.set(send, until);
    }
    await this.outbox.saveSendBefore(tx, [...inTime].map(([{ accountId, id }, sendBefore]) => ({ accountId, id, sendBefore })));
    return expired.filter((send) => !inTime.has(send));
  }
}

/** However long the customer keeps the window open: what was written longer ago is not meant any more. As long as the longest window. */
const GOOD_FOR_MS = 7 * 24 * 60 * 60_000;

/**
 * A comment's time to be answered is its own, a typing sign is of the moment, and what a rule says answers one message (unless a
 * person has sent it again).
 */
function followsWindow({ source, request }: OutboxMessage): boolean {
  return source === 'manual' && !isTyping(request) && !kindsOfSend(request).includes('private_replies');
}
