import { Injectable } from '@nestjs/common';
import { AccountNotFoundError, AccountRepository } from '../../accounts/index.js';
import { AuditTrail } from '../../audit/index.js';
import { Clock } from '../../common/clock.js';
import { AppError } from '../../common/errors.js';
import { newId } from '../../common/new-id.js';
import type { RequestContext } from '../../common/request-context.js';
import { ConversationRepository, conversationIdOf, MessageRepository, type MessageRow } from '../../conversations/index.js';
import { sha256 } from '../../crypto/index.js';
import { Dialect, TransactionRunner, type Tx } from '../../database/index.js';
import { IdempotencyKeyRepository } from './idempotency-key.repository.js';
import { MOST_TEXT_BYTES, mayWrite, requestOf, type ManualMessage, type ManualMessageInput } from './manual-send.policy.js';
import { OutboxRepository } from './outbox.repository.js';

const LONGEST_KEY = 255;

/** Queues a message that a person or another program wants sent. */
@Injectable()
export class SendMessageUseCase {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly dialect: Dialect,
    private readonly accounts: AccountRepository,
    private readonly conversations: ConversationRepository,
    private readonly messages: MessageRepository,
    private readonly keys: IdempotencyKeyRepository,
    private readonly outbox: OutboxRepository,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** @param idempotencyKey null: every call is a message of its own */
  async execute(
    ctx: RequestContext, accountId: string, input: ManualMessageInput, idempotencyKey: string | null = null,
  ): Promise<MessageRow> {
    const { recipientId, text = null, tag = null } = input;
    const attachment = input.attachment ? { type: input.attachment.type, url: input.attachment.url } : null;
    const message: ManualMessage = { recipientId, text, attachment, tag };
    check(message, idempotencyKey);
    const key = idempotencyKey === null ? null : keyOf(idempotencyKey, message);
    const attempt = () => this.transactions.run((tx) => this.queue(tx, ctx, accountId, message, key));
    try {
      return await attempt();
    } catch (error) {
      // The same key at the same moment: the other one has committed, and is found now.
      if (key === null || !this.dialect.isDuplicateKey(error)) throw error;
      return await attempt();
    }
  }

  private async queue(
    tx: Tx, ctx: RequestContext, accountId: string, message: ManualMessage, key: { hash: string; request: string } | null,
  ): Promise<MessageRow> {
    const account = await this.accounts.find(tx, accountId);
    if (!account) throw new AccountNotFoundError(accountId);
    const earlier = key ? await this.findEarlier(tx, accountId, key) : null;
    if (earlier) return earlier;
    if (account.status === 'inactive') throw refused('the account is inactive');
    const id = conversationIdOf(accountId, message.recipientId);
    const conversation = (await this.conversations.lockMany(tx, [{ accountId, id }])).get(id);
    if (!conversation) throw refused('the account has never had a message from this recipient');
    const now = this.clock.now();
    const permission = mayWrite(conversation, message.tag !== null, now);
    if ('refusal' in permission) throw refused(permission.refusal);

    const row = newMessage(accountId, id, conversation.messageCount + 1, message, now);
    const lastMessageAt = conversation.lastMessageAt && conversation.lastMessageAt > now ? conversation.lastMessageAt : now;
    await this.conversations.upsertMany(tx, [{ ...conversation, messageCount: row.position, lastMessageAt, updatedAt: now }]);
    await this.messages.insertMany(tx, [row]);
    await this.outbox.insertMany(tx, [
      { accountId, conversationId: id, messageId: row.id, source: 'manual', request: requestOf(message), sendBefore: permission.until },
    ]);
    if (key) {
      await this.keys.insert(tx, { accountId, keyHash: key.hash, requestHash: key.request, messageId: row.id, createdAt: now });
    }
    await this.audit.record(tx, ctx, {
      action: 'message.send',
      accountId,
      target: `message:${row.id}`,
      changes: { recipientId: message.recipientId, kind: row.kind, tag: message.tag },
    });
    return row;
  }

  private async findEarlier(tx: Tx, accountId: string, key: { hash: string; request: string }): Promise<MessageRow | null> {
    const known = await this.keys.find(tx, accountId, key.hash);
    if (!known) return null;
    if (known.requestHash !== key.request) {
      throw new AppError('conflict', 'idempotency_key_reused', 'Idempotency-Key was used before for another message.');
    }
    return await this.messages.get(tx, accountId, known.messageId);
  }
}

function check(message: ManualMessage, idempotencyKey: string | null): void {
  if ((message.text === null) === (message.attachment === null)) throw invalid('give either text or attachment');
  if (message.text !== null && message.text.trim() === '') throw invalid('text must not be empty');
  if (message.text !== null && Buffer.byteLength(message.text, 'utf8') > MOST_TEXT_BYTES) {
    throw invalid(`text must not be longer than ${String(MOST_TEXT_BYTES)} bytes in UTF-8`);
  }
  if (idempotencyKey !== null && (idempotencyKey === '' || idempotencyKey.length > LONGEST_KEY)) {
    throw invalid(`Idempotency-Key must have 1 to ${String(LONGEST_KEY)} characters`);
  }
}

function keyOf(idempotencyKey: string, message: ManualMessage): { hash: string; request: string } {
  const { recipientId, text, attachment, tag } = message;
  return {
    hash: sha256(idempotencyKey),
    request: sha256(recipientId, JSON.stringify([text, attachment?.type ?? null, attachment?.url ?? null, tag])),
  };
}

function newMessage(accountId: string, conversationId: string, position: number, message: ManualMessage, now: Date): MessageRow {
  return {
    accountId,
    id: newId(),
    conversationId,
    position,
    direction: 'outbound',
    kind: message.attachment?.type ?? 'text',
    text: message.text,
    attachments: message.attachment ? [message.attachment] : [],
    externalId: null,
    externalKey: null,
    ruleId: null,
    status: 'queued',
    error: null,
    reactions: [],
    details: null,
    readAt: null,
    editedAt: null,
    deletedAt: null,
    sentAt: null,
    createdAt: now,
  };
}

function invalid(message: string): AppError {
  return new AppError('invalid', 'bad_message', message);
}

function refused(reason: string): AppError {
  return new AppError('unprocessable', 'cannot_send', `The message cannot be sent: ${reason}.`);
}
