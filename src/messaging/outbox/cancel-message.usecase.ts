import { Injectable } from '@nestjs/common';
import { AccountNotFoundError, AccountRepository } from '../../accounts/index.js';
import { AuditTrail } from '../../audit/index.js';
import { AppError } from '../../common/errors.js';
import type { RequestContext } from '../../common/request-context.js';
import { MessageNotFoundError, MessageRepository, type MessageRow } from '../../conversations/index.js';
import { TransactionRunner } from '../../database/index.js';
import { failed } from './decide-outcome.js';
import { OutboxRepository } from './outbox.repository.js';
import { OutcomeWriter } from './outcome.writer.js';

const CANCELLED = 'It was cancelled before it was sent.';

/** Takes a queued message out before it is sent. What a claim has taken can no longer be called back. */
@Injectable()
export class CancelMessageUseCase {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly accounts: AccountRepository,
    private readonly messages: MessageRepository,
    private readonly outbox: OutboxRepository,
    private readonly writer: OutcomeWriter,
    private readonly audit: AuditTrail,
  ) {}

  async execute(ctx: RequestContext, accountId: string, messageId: string): Promise<MessageRow> {
    return await this.transactions.run(async (tx) => {
      if (!(await this.accounts.find(tx, accountId))) throw new AccountNotFoundError(accountId);
      // Locked before the message is read: a claim that is under way is waited for, one that comes later passes it over.
      const send = await this.outbox.lockByMessage(tx, accountId, messageId);
      const message = await this.messages.get(tx, accountId, messageId);
      if (!message) throw new MessageNotFoundError(messageId);
      if (send?.status !== 'queued') throw new AppError('conflict', 'not_queued', whyNot(message));
      await this.writer.write(tx, [{ outboxId: send.id, conversationId: send.conversationId, decision: failed(send, CANCELLED), end: 'cancelled' }]);
      await this.audit.record(tx, ctx, { action: 'message.cancel', accountId, target: `message:${messageId}`, changes: { status: 'failed' } });
      return { ...message, status: 'failed', error: CANCELLED };
    });
  }
}

function whyNot({ status, direction }: MessageRow): string {
  if (direction === 'inbound') return 'It cannot be cancelled: the customer wrote it.';
  switch (status) {
    case 'uncertain':
      return 'It cannot be cancelled: Instagram may have it, which is being looked up.';
    case 'sent':
      return 'It cannot be cancelled: it is sent already.';
    case 'failed':
      return 'It cannot be cancelled: it has failed already, and is not sent.';
    case 'queued':
    case 'sending':
    case 'received':
      return 'It cannot be cancelled: it is on its way to Instagram.';
  }
}
