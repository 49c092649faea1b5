import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { newId } from '../../common/new-id.js';
import { latest } from '../../common/times.js';
import { ConversationRepository, EarlyChanges, MessageRepository, type ConversationRow, type MessageRow } from '../../conversations/index.js';
import { TransactionRunner, type Tx } from '../../database/index.js';
import type { AttemptOutcome } from './decide-outcome.js';
import type { ClaimedMessage } from './outbox-message.js';
import { externalIdKey, LONGEST_EXTERNAL_ID, OutcomeWriter } from './outcome.writer.js';

/** Instagram has taken a message whose send was settled before it said so. */
export interface LateAnswer extends Pick<ClaimedMessage, 'accountId' | 'conversationId' | 'messageId'> {
  /** What Instagram calls it. */
  readonly mid: string;
  readonly externalKey: string;
}

/**
 * Answers to calls whose sends an echo had settled by then. Mostly it was the echo of the very same message. Where it was that of
 * another, which somebody wrote in the same words, or an earlier call had delivered after all, Instagram has two: both are
 * shown, and neither is taken for a person's.
 */
@Injectable()
export class LateAnswers {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly conversations: ConversationRepository,
    private readonly messages: MessageRepository,
    private readonly earlyChanges: EarlyChanges,
    private readonly writer: OutcomeWriter,
    private readonly clock: Clock,
  ) {}

  /** Of attempts whose sends are settled, those that brought a mid by which their messages are not known. */
  async find(tx: Tx, attempts: readonly { readonly claimed: ClaimedMessage; readonly outcome: AttemptOutcome }[]): Promise<LateAnswer[]> {
    const answers = attempts.flatMap(({ claimed: { accountId, conversationId, messageId }, outcome }) => {
      const mid = outcome.kind === 'sent' ? outcome.messageId : null;
      const externalKey = externalIdKey(mid);
      return mid === null || externalKey === null ? [] : [{ accountId, conversationId, messageId, mid, externalKey }];
    });
    if (answers.length === 0) return [];
    const known = new Map((await this.messages.findExistingExternal(tx, answers)).map((row) => [`${row.accountId} ${String(row.externalKey)}`, row.id]));
    return answers.filter(({ accountId, externalKey, messageId }) => known.get(`${accountId} ${externalKey}`) !== messageId);
  }

  /** Not in the transaction that records the outcomes: whoever applies events locks conversations before sends. */
  async record(answers: readonly LateAnswer[]): Promise<void> {
    for (const answer of answers) await this.transactions.run((tx) => this.recordOne(tx, answer));
  }

  private async recordOne(tx: Tx, answer: LateAnswer): Promise<void> {
    const { accountId, conversationId, messageId } = answer;
    // Whoever applies its echo holds it as well: that has been recorded by now, or finds the mid.
    const conversation = (await this.conversations.lockMany(tx, [{ accountId, id: conversationId }])).get(conversationId);
    const own = await this.messages.get(tx, accountId, messageId);
    // Given up, or sent again by hand: then there is no other message, and how that ends is what counts.
    if (!conversation || own?.status !== 'sent' || own.externalKey === null) return;
    const [standing] = await this.messages.lockByExternalKeys(tx, [answer]);
    if (!standing) await this.add(tx, conversation, own, answer);
    else if (standing.conversationId === conversationId && standing.direction === 'outbound') await this.takeBack(tx, standing);
  }

  /** Its echo came first, and was recorded as typed elsewhere. */
  private async takeBack(tx: Tx, echo: MessageRow): Promise<void> {
    if (echo.details?.elsewhere === undefined) return;
    const { elsewhere: _, ...details } = echo.details;
    await this.messages.saveChanges(tx, [{ ...echo, details: Object.keys(details).length === 0 ? null : details }]);
    await this.writer.undoTakeover(tx, echo);
  }

  /** By its mid the echo finds it when it comes. */
  private async add(tx: Tx, conversation: ConversationRow, own: MessageRow, { accountId, mid, externalKey }: LateAnswer): Promise<void> {
    const now = this.clock.now();
    const position = conversation.messageCount + 1;
    await this.conversations.upsertMany(tx, [
      { ...conversation, messageCount: position, lastMessageAt: latest(conversation.lastMessageAt, now), updatedAt: now },
    ]);
    // What has been done to the other one since is not done to this. It was queued when that was: no send behind it is taken for it.
    const { edit: _edit, earlierTexts, reactors: _reactors, ...details } = own.details ?? {};
    await this.messages.insertMany(tx, [{
      ...own, id: newId(), position, text: earlierTexts?.[0]?.text ?? own.text, details: Object.keys(details).length === 0 ? null : details,
      externalId: mid.slice(0, LONGEST_EXTERNAL_ID), externalKey, reactions: [], readAt: null, editedAt: null, deletedAt: null,
      sentAt: now,
    }]);
    await this.earlyChanges.settle(tx, [{ accountId, externalKey }]);
  }
}
