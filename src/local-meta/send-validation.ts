import { BAD_PARAMETER, INVALID_COMMENT, NO_SUCH_USER, OUTSIDE_WINDOW, type GraphError } from './graph-error.js';
import type { MetaComments } from './meta-comments.js';
import type { MetaConversations } from './meta-conversations.js';

export interface SendRequest {
  readonly recipientId: string;
  /** The comment it is a private reply to. */
  readonly commentId: string | null;
  readonly text: string | null;
  readonly attachments: readonly unknown[];
  readonly humanAgent: boolean;
}

const MOST_BYTES = 1000;

/** What a send asks for, or the error Meta answers to it. */
export function readSend(
  body: unknown,
  accountId: string,
  { conversations, comments }: { conversations: MetaConversations; comments: MetaComments },
  now: Date,
): SendRequest | GraphError {
  const request = asRecord(body);
  const recipient = asRecord(request['recipient']);
  const commentId = typeof recipient['comment_id'] === 'string' ? recipient['comment_id'] : null;
  const author = commentId === null ? null : comments.authorToAnswer(accountId, commentId, now);
  if (commentId !== null && author === null) return INVALID_COMMENT;
  const recipientId = author ?? recipient['id'];
  if (typeof recipientId !== 'string' || recipientId === '') {
    return { ...BAD_PARAMETER, message: '(#100) Parameter recipient is required' };
  }
  if (recipientId === accountId) return NO_SUCH_USER;
  const message = asRecord(request['message']);
  const text = typeof message['text'] === 'string' ? message['text'] : null;
  const attachments = listOf(message['attachments'] ?? message['attachment']);
  if ((text === null || text === '') && attachments.length === 0) {
    return { ...BAD_PARAMETER, message: '(#100) Message cannot be empty, must provide valid attachment or text' };
  }
  if (Buffer.byteLength(text ?? '') > MOST_BYTES) {
    return { ...BAD_PARAMETER, message: '(#100) Length of param message[text] must be less than or equal to 1000' };
  }
  const humanAgent = request['tag'] === 'HUMAN_AGENT';
  const mayWrite = commentId !== null || conversations.mayWrite(accountId, recipientId, humanAgent, now);
  if (!mayWrite) return OUTSIDE_WINDOW;
  return { recipientId, commentId, text, attachments, humanAgent };
}

export function isError(outcome: SendRequest | GraphError): outcome is GraphError {
  return 'code' in outcome;
}

export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

export function listOf(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}
