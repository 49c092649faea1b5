import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../audit/index.js';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors.js';
import { decodeCursor, NO_TIME, toPage, type Page, type PageQuery } from '../common/pagination.js';
import type { RequestContext } from '../common/request-context.js';
import { TransactionRunner, type Tx } from '../database/index.js';
import type { ConversationRow } from './conversation.js';
import { ConversationRepository } from './conversation.repository.js';
import { AccountNotFoundError, ConversationNotFoundError, MessageNotFoundError } from './conversations.errors.js';
import { ConversationResponse } from './dto/conversation.response.dto.js';
import { MessageResponse } from './dto/message.response.dto.js';
import type { UpdateAutomationRequest } from './dto/update-conversation.request.dto.js';
import { MessageRepository } from './message.repository.js';
import { Takeovers } from './takeovers.js';

@Injectable()
export class ConversationsService {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly conversations: ConversationRepository,
    private readonly messages: MessageRepository,
    private readonly takeovers: Takeovers,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  async list(accountId: string, query: PageQuery): Promise<Page<ConversationResponse>> {
    const key = decodeCursor(query.cursor, ['number', 'string']);
    const after = key ? { at: key[0] === NO_TIME ? null : new Date(key[0]), id: key[1] } : null;
    const rows = await this.readOf(accountId, (tx) => this.conversations.list(tx, accountId, after, query.limit + 1));
    const now = this.clock.now();
    return toPage(
      rows, query.limit, (row) => ConversationResponse.from(row, now), (row) => [row.lastMessageAt?.getTime() ?? NO_TIME, row.id],
    );
  }

  async get(accountId: string, conversationId: string): Promise<ConversationResponse> {
    const row = await this.readOf(accountId, (tx) => this.conversations.find(tx, accountId, conversationId));
    if (!row) throw new ConversationNotFoundError(conversationId);
    return ConversationResponse.from(row, this.clock.now());
  }

  async setAutomation(
    ctx: RequestContext, accountId: string, conversationId: string, wanted: UpdateAutomationRequest,
  ): Promise<ConversationResponse> {
    const now = this.clock.now();
    const until = wanted.pausedUntil ? new Date(wanted.pausedUntil) : null;
    if (until && !wanted.paused) throw invalid('automation.pausedUntil only goes with automation.paused: true');
    if (until && until.getTime() <= now.getTime()) throw invalid('automation.pausedUntil must lie in the future');
    const changed = await this.transactions.run(async (tx) => {
      await this.requireAccount(tx, accountId);
      const locked = await this.conversations.lockMany(tx, [{ accountId, id: conversationId }]);
      const row = locked.get(conversationId);
      if (!row) throw new ConversationNotFoundError(conversationId);
      const endsOptOut = row.optedOut && !wanted.paused;
      const next: ConversationRow = {
        ...row,
        automationPaused: wanted.paused,
        automationPausedUntil: until,
        automationReason: wanted.paused ? 'operator' : null,
        // What an operator says replaces a takeover; resuming also ends an opt-out, and counts as a person in the loop.
        takeoverUntil: null,
        ...(wanted.paused ? {} : { automaticTurns: 0, automaticTurnsSince: null }),
        ...(endsOptOut ? { optedOut: false, consentChangedAt: now } : {}),
        updatedAt: now,
      };
      await this.conversations.upsertMany(tx, [next]);
      await this.takeovers.end(tx, next, !wanted.paused);
      await this.audit.record(tx, ctx, {
        action: 'conversation.automation',
        accountId,
        target: conversationId,
        changes: { paused: wanted.paused, pausedUntil: until?.toISOString() ?? null, ...(endsOptOut ? { optedOut: false } : {}) },
      });
      return next;
    });
    return ConversationResponse.from(changed, now);
  }

  async listMessages(accountId: string, conversationId: string, query: PageQuery): Promise<Page<MessageResponse>> {
    const key = decodeCursor(query.cursor, ['number']);
    const rows = await this.readOf(accountId, async (tx) => {
      if (!(await this.conversations.find(tx, accountId, conversationId))) throw new ConversationNotFoundError(conversationId);
      return await this.messages.listByConversation(tx, accountId, conversationId, key ? key[0] : null, query.limit + 1);
    });
    return toPage(rows, query.limit, (row) => MessageResponse.from(row), (row) => [row.position]);
  }

  async getMessage(accountId: string, messageId: string): Promise<MessageResponse> {
    const row = await this.readOf(accountId, (tx) => this.messages.get(tx, accountId, messageId));
    if (!row) throw new MessageNotFoundError(messageId);
    return MessageResponse.from(row);
  }

  private async readOf<T>(accountId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return await this.transactions.read(async (tx) => {
      await this.requireAccount(tx, accountId);
      return await work(tx);
    });
  }

  private async requireAccount(tx: Tx, accountId: string): Promise<void> {
    if (!(await this.conversations.accountExists(tx, accountId))) throw new AccountNotFoundError(accountId);
  }
}

function invalid(message: string): AppError {
  return new AppError('invalid', 'bad_automation', message);
}
