import { Injectable } from '@nestjs/common';
import { AccountNotFoundError, AccountRepository } from '../../accounts/index.js';
import { AuditTrail } from '../../audit/index.js';
import { Clock } from '../../common/clock.js';
import { AppError } from '../../common/errors.js';
import { objectOf, textOf } from '../../common/json-fields.js';
import type { RequestContext } from '../../common/request-context.js';
import { ConversationRepository, MessageNotFoundError, MessageRepository, type MessageRow } from '../../conversations/index.js';
import { TransactionRunner, type Tx } from '../../database/index.js';
import { FailedSendRepository, type FailedSend } from './failed-send.repository.js';
import { mayWrite, TYPING_GOOD_FOR_MS } from './manual-send.policy.js';
import { isTyping } from './message-content.js';
import { OutboxRepository } from './outbox.repository.js';
import { PrivateReplies } from './private-replies.js';
import { cannotSend } from './send.errors.js';

/** Queues a failed message again, as it was. A person has decided so: what keeps rules from answering does not count. */
@Injectable()
export class RetryMessageUseCase {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly accounts: AccountRepository,
    private readonly conversations: ConversationRepository,
    private readonly messages: MessageRepository,
    private readonly failures: FailedSendRepository,
    private readonly privateReplies: PrivateReplies,
    private readonly outbox: OutboxRepository,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** @param force also where the customer may have it already */
  async execute(ctx: RequestContext, accountId: string, messageId: string, force: boolean): Promise<MessageRow> {
    return await this.transactions.run(async (tx) => {
      const account = await this.accounts.find(tx, accountId);
      if (!account) throw new AccountNotFoundError(accountId);
      const found = await this.messages.get(tx, accountId, messageId);
      if (!found) throw new MessageNotFoundError(messageId);
      const failure = await this.failures.lock(tx, accountId, messageId);
      // Read again behind the lock: of two who ask at once, the second finds it queued.
      const message = (await this.messages.get(tx, accountId, messageId)) ?? found;
      if (message.status !== 'failed') throw new AppError('conflict', 'not_failed', `Only a failed message can be sent again: this one is ${message.status}.`);
      if (!failure) throw cannotSend('it failed too long ago, and what was to be sent is no longer kept; send a new one');
      if (account.status === 'inactive') throw cannotSend('the account is inactive');
      if (failure.mayHaveArrived && !force) throw cannotSend(MAY_HAVE_ARRIVED);
      const sendBefore = await this.sendableUntil(tx, message, failure);
      await this.failures.delete(tx, accountId, messageId);
      await this.messages.recordOutcomes(tx, [
        { accountId, id: messageId, status: 'queued', externalId: null, externalKey: null, sentAt: null, error: null },
      ]);
      const { conversationId } = message;
      await this.outbox.insertMany(tx, [{ accountId, conversationId, messageId, source: 'manual', request: failure.request, sendBefore }]);
      await this.audit.record(tx, ctx, { action: 'message.retry', accountId, target: `message:${messageId}`, changes: { status: 'queued', force } });
      return { ...message, status: 'queued', error: null, externalId: null, externalKey: null, sentAt: null };
    });
  }

  /** As for a new message: the window is as it is now. */
  private async sendableUntil(tx: Tx, { accountId, conversationId }: MessageRow, { request }: FailedSend): Promise<Date> {
    const now = this.clock.now();
    const commentId = textOf(objectOf(request, 'recipient'), 'comment_id');
    if (commentId !== null) {
      const participantId = conversationId.slice(accountId.length + 1);
      const { until } = await this.privateReplies.prepare(tx, accountId, commentId, participantId, now);
      // Whoever puts sends into its outbox does so one after the other: their ids tell their order.
      await this.conversations.lockMany(tx, [{ accountId, id: conversationId }]);
      return until;
    }
    const conversation = (await this.conversations.lockMany(tx, [{ accountId, id: conversationId }])).get(conversationId);
    if (!conversation) throw cannotSend('its conversation is gone');
    const permission = mayWrite(conversation, textOf(request, 'tag') !== null, now);
    if ('refusal' in permission) throw cannotSend(permission.refusal);
    return isTyping(request) ? new Date(Math.min(permission.until.getTime(), now.getTime() + TYPING_GOOD_FOR_MS)) : permission.until;
  }
}

const MAY_HAVE_ARRIVED =
  'whether Instagram delivered it was never found out, so the customer may have it already. Look at the conversation on Instagram; to send it all the same, give {"force": true}';
