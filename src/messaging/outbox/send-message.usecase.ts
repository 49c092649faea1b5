import { Injectable } from '@nestjs/common';
import { AccountNotFoundError, AccountRepository } from '../../accounts/index.js';
import { AuditTrail } from '../../audit/index.js';
import { Clock } from '../../common/clock.js';
import { AppError } from '../../common/errors.js';
import { newId } from '../../common/new-id.js';
import type { RequestContext } from '../../common/request-context.js';
import { ConversationRepository, conversationIdOf, MessageRepository, newConversation, UNLISTED, type ConversationRow, type MessageRow } from '../../conversations/index.js';
import { sha256 } from '../../crypto/index.js';
import { Dialect, TransactionRunner, type Tx } from '../../database/index.js';
import { IdempotencyKeyRepository } from './idempotency-key.repository.js';
import { graphRequest } from './content/graph-request.js';
import { messageFields } from './content/message-fields.js';
import { type OutgoingContent } from './content/outgoing-content.js';
import { readManualMessage, type ManualContent, type ManualMessage, type ManualMessageInput } from './manual-message.js';
import { mayWrite, TYPING_GOOD_FOR_MS } from './manual-send.policy.js';
import { MessageReferences } from './message-references.js';
import { OutboxRepository } from './outbox.repository.js';
import { commentMessage, PrivateReplies, type AnsweredComment } from './private-replies.js';
import { requestHash } from './request-hash.js';
import { cannotSend } from './send.errors.js';

const LONGEST_KEY = 255;

interface Addressee {
  readonly conversation: ConversationRow;
  readonly until: Date;
  /** Of a private reply. */
  readonly comment: AnsweredComment | null;
}

/** Queues a message that a person or another program wants sent. */
@Injectable()
export class SendMessageUseCase {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly dialect: Dialect,
    private readonly accounts: AccountRepository,
    private readonly conversations: ConversationRepository,
    private readonly messages: MessageRepository,
    private readonly references: MessageReferences,
    private readonly privateReplies: PrivateReplies,
    private readonly keys: IdempotencyKeyRepository,
    private readonly outbox: OutboxRepository,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** @param idempotencyKey null: every call is a message of its own */
  async execute(
    ctx: RequestContext, accountId: string, input: ManualMessageInput, idempotencyKey: string | null = null,
  ): Promise<MessageRow> {
    const message = readManualMessage(input);
    const key = idempotencyKey === null ? null : keyOf(idempotencyKey, message);
    const attempt = () => this.transactions.run((tx) => this.queue(tx, ctx, accountId, message, key));
    try {
      return await attempt();
    } catch (error) {
      // The same key at the same moment: the other one has committed, and is found now. (It may be why this one was refused.)
      if (key === null || !(this.dialect.isDuplicateKey(error) || isRefusal(error))) throw error;
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
    if (account.status === 'inactive') throw cannotSend('the account is inactive');
    const now = this.clock.now();
    const { conversation, until, comment } = await this.addressee(tx, accountId, message, now);
    const { id, participantId } = conversation;
    const content = await this.resolve(tx, accountId, id, message.content);
    const replyTo = message.replyTo === null ? null : await this.references.get(tx, accountId, id, message.replyTo);

    const before = comment?.toRecord ? [commentMessage(conversation, conversation.messageCount + 1, comment.toRecord, now)] : [];
    const row = newMessage(conversation, conversation.messageCount + before.length + 1, content, now);
    const details = { ...row.details, ...(replyTo ? { replyTo: { mid: replyTo.mid } } : {}), ...(comment ? { commentId: comment.commentId } : {}) };
    const written = { ...row, details: Object.keys(details).length === 0 ? null : details };
    if (written.position !== UNLISTED) {
      const lastMessageAt = conversation.lastMessageAt && conversation.lastMessageAt > now ? conversation.lastMessageAt : now;
      // A person is there: the count against endless conversations begins anew.
      const turns = { automaticTurns: 0, automaticTurnsSince: null };
      await this.conversations.upsertMany(tx, [{ ...conversation, ...turns, messageCount: written.position, lastMessageAt, updatedAt: now }]);
    }
    await this.messages.insertMany(tx, [...before, written]);
    const recipient = comment ? { comment_id: comment.commentId } : { id: participantId };
    const request = graphRequest(content, { recipient, replyToMid: replyTo?.mid ?? null, tag: message.tag });
    const sendBefore = usefulUntil(content, until, now);
    await this.outbox.insertMany(tx, [{ accountId, conversationId: id, messageId: row.id, source: 'manual', request, sendBefore }]);
    if (key) {
      await this.keys.insert(tx, { accountId, keyHash: key.hash, requestHash: key.request, messageId: row.id, createdAt: now });
    }
    await this.audit.record(tx, ctx, {
      action: 'message.send',
      accountId,
      target: `message:${row.id}`,
      changes: { recipientId: participantId, kind: row.kind, tag: message.tag, ...(comment ? { commentId: comment.commentId } : {}) },
    });
    return written;
  }

  /** Whose conversation it is for, locked, and until when it may be sent. */
  private async addressee(tx: Tx, accountId: string, message: ManualMessage, now: Date): Promise<Addressee> {
    const { commentId, recipientId, tag } = message;
    const comment = commentId === null ? null : await this.privateReplies.prepare(tx, accountId, commentId, recipientId, now);
    const id = conversationIdOf(accountId, comment?.participantId ?? recipientId ?? '');
    const conversation = (await this.conversations.lockMany(tx, [{ accountId, id }])).get(id);
    if (comment) {
      const made = conversation ?? { ...newConversation(accountId, comment.participantId, now), participantUsername: comment.username };
      return { conversation: made, until: comment.until, comment };
    }
    if (!conversation) throw cannotSend('the account has never had a message from this recipient');
    const permission = mayWrite(conversation, tag !== null, now);
    if ('refusal' in permission) throw cannotSend(permission.refusal);
    return { conversation, until: permission.until, comment };
  }

  private async resolve(tx: Tx, accountId: string, conversationId: string, content: ManualContent): Promise<OutgoingContent> {
    if (content.is !== 'react' && content.is !== 'unreact') return content;
    return { ...content, target: await this.references.get(tx, accountId, conversationId, content.target) };
  }

  private async findEarlier(tx: Tx, accountId: string, key: { hash: string; request: string }): Promise<MessageRow | null> {
    const known = await this.keys.find(tx, accountId, key.hash);
    if (!known) return null;
    if (known.requestHash !== key.request) {
      throw new AppError('conflict', 'idempotency_key_reused', 'Idempotency-Key was used before for another message.');
    }
    const message = await this.messages.get(tx, accountId, known.messageId);
    // Whoever asks again must not be the one who writes to somebody whose data was to be erased.
    if (!message) throw new AppError('conflict', 'idempotency_key_reused', 'Idempotency-Key was used before for a message that has been erased since.');
    return message;
  }
}

function keyOf(idempotencyKey: string, message: ManualMessage): { hash: string; request: string } {
  if (idempotencyKey === '' || idempotencyKey.length > LONGEST_KEY) {
    throw new AppError('invalid', 'bad_message', `Idempotency-Key must have 1 to ${String(LONGEST_KEY)} characters`);
  }
  return { hash: sha256(idempotencyKey), request: requestHash(message) };
}

function isRefusal(error: unknown): boolean {
  return error instanceof AppError && error.kind === 'unprocessable';
}

/** Nobody types for an hour: a sign of it that has to wait is dropped. */
function usefulUntil(content: OutgoingContent, until: Date, now: Date): Date {
  if (content.is !== 'typing_on' && content.is !== 'typing_off') return until;
  return new Date(Math.min(until.getTime(), now.getTime() + TYPING_GOOD_FOR_MS));
}

function newMessage({ accountId, id }: ConversationRow, next: number, content: OutgoingContent, now: Date): MessageRow {
  const { listed, ...fields } = messageFields(content);
  return {
    ...fields,
    accountId,
    id: newId(),
    conversationId: id,
    position: listed ? next : UNLISTED,
    direction: 'outbound',
    externalId: null,
    externalKey: null,
    ruleId: null,
    status: 'queued',
    error: null,
    reactions: [],
    readAt: null,
    editedAt: null,
    deletedAt: null,
    sentAt: null,
    createdAt: now,
  };
}
