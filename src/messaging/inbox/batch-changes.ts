import { latest } from '../../common/times.js';
import {
  applyChange, newConversation, UNLISTED, type ConversationRow, type EarlyChange, type ExternalKey, type MessageChange, type MessageRow,
} from '../../conversations/index.js';
import { slotOf, type ReadEvent } from './read-event.js';

/** As the database has it when the batch begins. */
export interface StoredState {
  readonly conversations: ReadonlyMap<string, ConversationRow>;
  /** The messages that the events are, or change, as far as they stand; locked. */
  readonly messages: readonly MessageRow[];
  /** What waits for messages that the events may bring. */
  readonly early: readonly EarlyChange[];
  /** The comments among the events that have a private reply. */
  readonly answered: readonly { readonly accountId: string; readonly commentId: string }[];
}

/** Collects what a batch changes. Later events of the batch see what earlier ones did; nothing of it touches the database. */
export class BatchChanges {
  private readonly conversations = new Map<string, ConversationRow>();
  private readonly messages: Map<string, MessageRow>;
  private readonly inserted = new Map<string, MessageRow>();
  private readonly updated = new Map<string, MessageRow>();
  private readonly waiting = new Map<string, EarlyChange[]>();
  private readonly stillEarly = new Set<EarlyChange>();
  private readonly awaited = new Set<EarlyChange>();

  constructor(
    private readonly stored: StoredState,
    private readonly now: Date,
  ) {
    this.messages = new Map(stored.messages.map((row) => [slotOf(row), row]));
    for (const change of stored.early) this.waiting.set(slotOf(change), [...(this.waiting.get(slotOf(change)) ?? []), change]);
  }

  get changedConversations(): ConversationRow[] {
    return [...this.conversations.values()];
  }

  get newMessages(): MessageRow[] {
    return [...this.inserted.values()];
  }

  get changedMessages(): MessageRow[] {
    return [...this.updated.values()];
  }

  /** Changes whose message is not known yet, and were not stored before. */
  get newEarlyChanges(): EarlyChange[] {
    return [...this.stillEarly];
  }

  /** Changes that were stored, and whose message has come. */
  get awaitedChanges(): EarlyChange[] {
    return [...this.awaited];
  }

  /** The event's conversation, to look at only. */
  peek({ event: { accountId }, conversationId }: Pick<ReadEvent, 'event' | 'conversationId'>): ConversationRow {
    if (conversationId === null) throw new Error('This event belongs to no conversation.');
    return (
      this.conversations.get(conversationId) ?? this.stored.conversations.get(conversationId) ??
      newConversation(accountId, conversationId.slice(accountId.length + 1), this.now)
    );
  }

  /** The same, to be changed (`patch`). A copy: the state must be as it was if the batch is worked out again. */
  conversation(read: Pick<ReadEvent, 'event' | 'conversationId'>): ConversationRow {
    const known = this.conversations.get(read.conversationId ?? '');
    if (known) return known;
    const conversation = { ...this.peek(read), updatedAt: this.now };
    this.conversations.set(conversation.id, conversation);
    return conversation;
  }

  patch(conversation: ConversationRow, patch: Partial<ConversationRow>): void {
    Object.assign(conversation, patch);
  }

  /** A message of this batch, before it is written. */
  patchMessage(message: MessageRow, patch: Partial<MessageRow>): void {
    Object.assign(message, patch);
  }

  /** Whether a private reply to the comment stood when the batch began. */
  isAnswered(accountId: string, commentId: string): boolean {
    return this.stored.answered.some((comment) => comment.accountId === accountId && comment.commentId === commentId);
  }

  message(key: ExternalKey): MessageRow | undefined {
    return this.messages.get(slotOf(key));
  }

  /** Adds a message at the end of its conversation, with what was told of it before it came. */
  add(conversation: ConversationRow, message: MessageRow): MessageRow {
    const row = message.externalKey === null ? message : this.withWaiting(message, { accountId: message.accountId, externalKey: message.externalKey });
    if (row.position !== UNLISTED) {
      conversation.messageCount = row.position;
      conversation.lastMessageAt = latest(conversation.lastMessageAt, row.sentAt ?? this.now);
    }
    this.inserted.set(row.id, row);
    return row;
  }

  /** @returns false: the message is not known yet, and the change waits for it */
  change(key: ExternalKey, dedupeKey: string, change: MessageChange): boolean {
    const row = this.message(key);
    if (row) {
      const changed = applyChange(row, change);
      this.messages.set(slotOf(key), changed);
      (this.inserted.has(row.id) ? this.inserted : this.updated).set(row.id, changed);
      return true;
    }
    const waiting = this.waiting.get(slotOf(key)) ?? [];
    const early = { ...key, dedupeKey, change };
    if (waiting.some((other) => other.dedupeKey === dedupeKey)) return false;
    this.waiting.set(slotOf(key), [...waiting, early]);
    this.stillEarly.add(early);
    return false;
  }

  private withWaiting(message: MessageRow, key: ExternalKey): MessageRow {
    const waiting = this.waiting.get(slotOf(key)) ?? [];
    let row = message;
    for (const early of waiting) {
      row = applyChange(row, early.change);
      if (!this.stillEarly.delete(early)) this.awaited.add(early);
    }
    this.waiting.delete(slotOf(key));
    this.messages.set(slotOf(key), row);
    return row;
  }
}
