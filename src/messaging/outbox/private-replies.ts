import { Injectable } from '@nestjs/common';
import { newId } from '../../common/new-id.js';
import { conversationIdOf, MessageRepository, type ConversationRow, type MessageRow } from '../../conversations/index.js';
import type { Tx } from '../../database/index.js';
import { readComment, type Comment } from '../inbox/parsing/comment.js';
import { parseJsonWithBigInts } from '../inbox/parsing/json-with-big-ints.js';
import { commentKey } from './comment-key.js';
import { PrivateReplyRepository } from './private-reply.repository.js';
import { cannotSend } from './send.errors.js';

export interface AnsweredComment {
  readonly commentId: string;
  /** Who wrote it. */
  readonly participantId: string;
  readonly username: string | null;
  /** Null: it is not known here, or stands among the messages already. */
  readonly toRecord: (Comment & { readonly at: Date }) | null;
  /** Instagram takes no private reply after this. */
  readonly until: Date;
}

const DAYS = 7;
const DAY_MS = 24 * 60 * 60_000;

/** Whether a comment may be answered privately, and whom that reaches. */
@Injectable()
export class PrivateReplies {
  constructor(
    private readonly repository: PrivateReplyRepository,
    private readonly messages: MessageRepository,
  ) {}

  /**
   * Holds the lane of the person's conversation from here on: it may have to be made.
   * @throws AppError when the comment is known, and must not be answered
   */
  async prepare(tx: Tx, accountId: string, commentId: string, recipientId: string | null, now: Date): Promise<AnsweredComment> {
    const found = await this.find(tx, accountId, commentId, now);
    const participantId = found?.authorId ?? recipientId;
    if (participantId === null) {
      throw cannotSend(`the comment ${commentId} is not known here: give recipientId, the id of who wrote it (from.id), as well`);
    }
    if (recipientId !== null && recipientId !== participantId) {
      throw cannotSend(`the comment was written by ${participantId}, not by recipientId: leave recipientId out`);
    }
    const conversationId = conversationIdOf(accountId, participantId);
    await this.repository.lockLane(tx, conversationId);
    if ((await this.repository.findAnswered(tx, [{ accountId, conversationId, commentId }])).length > 0) {
      throw cannotSend('the comment has its private reply already, and Instagram takes one');
    }
    const [recorded] = await this.messages.findExistingExternal(tx, [{ accountId, externalKey: commentKey(commentId) }]);
    return {
      commentId,
      participantId,
      username: found?.username ?? null,
      toRecord: found && !recorded ? found : null,
      // Of one that was written before this server listened, or removed since, Instagram knows the age.
      until: new Date((found?.at ?? now).getTime() + (found ? DAYS : 1) * DAY_MS),
    };
  }

  private async find(tx: Tx, accountId: string, commentId: string, now: Date): Promise<(Comment & { at: Date }) | null> {
    const stored = await this.repository.findComment(tx, accountId, commentId);
    if (!stored) return null;
    const comment = readComment(parseJsonWithBigInts(stored.payload), accountId);
    if (typeof comment === 'string') throw cannotSend(`the comment cannot be answered: ${comment}`);
    if (stored.occurredAt.getTime() + DAYS * DAY_MS <= now.getTime()) {
      throw cannotSend(`the comment is older than ${String(DAYS)} days, the time in which Instagram takes a private reply`);
    }
    return { ...comment, at: stored.occurredAt };
  }
}

/** The comment as a message of the conversation, which it becomes when it is answered. */
export function commentMessage(
  { accountId, id }: ConversationRow, position: number, comment: NonNullable<AnsweredComment['toRecord']>, now: Date,
): MessageRow {
  return {
    accountId,
    id: newId(),
    conversationId: id,
    position,
    direction: 'inbound',
    kind: 'comment',
    text: comment.text,
    attachments: [],
    externalId: comment.id,
    externalKey: commentKey(comment.id),
    ruleId: null,
    status: 'received',
    error: null,
    reactions: [],
    details: comment.details,
    readAt: null,
    editedAt: null,
    deletedAt: null,
    sentAt: comment.at,
    createdAt: now,
  };
}
