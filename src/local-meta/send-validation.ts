import { actionProblem, contentProblem } from './content-validation.js';
import { BAD_PARAMETER, INVALID_COMMENT, NO_SUCH_USER, OUTSIDE_WINDOW, type GraphError } from './graph-error.js';
import { asRecord, listOf } from './json-shapes.js';
import type { MetaComments } from './meta-comments.js';
import type { MetaConversations } from './meta-conversations.js';

export interface SendRequest {
  readonly recipientId: string;
  /** The comment it is a private reply to. */
  readonly commentId: string | null;
  /** `typing_on`, `react` …: no message comes of it. */
  readonly action: string | null;
  readonly text: string | null;
  readonly attachments: readonly unknown[];
  /** The mid of the message that it answers. */
  readonly replyTo: string | null;
}

interface Known {
  readonly conversations: MetaConversations;
  readonly comments: MetaComments;
}

/** What a send asks for, or the error Meta answers to it. */
export function readSend(body: unknown, accountId: string, { conversations, comments }: Known, now: Date): SendRequest | GraphError {
  const request = asRecord(body);
  const recipient = asRecord(request['recipient']);
  const commentId = typeof recipient['comment_id'] === 'string' ? recipient['comment_id'] : null;
  const author = commentId === null ? null : comments.authorToAnswer(accountId, commentId, now);
  if (commentId !== null && author === null) return INVALID_COMMENT;
  const recipientId = author ?? recipient['id'];
  if (typeof recipientId !== 'string' || recipientId === '') return bad('Parameter recipient is required');
  if (recipientId === accountId) return NO_SUCH_USER;
  const knows = (mid: string) => {
    const known = conversations.message(accountId, mid);
    return known !== undefined && [known.from, known.to].includes(recipientId);
  };
  const action = 'sender_action' in request ? String(request['sender_action']) : null;
  const problem = action === null ? contentProblem(request['message']) : actionProblem(request, knows);
  if (problem !== null) return bad(problem);
  const replyTo = asRecord(request['reply_to'])['mid'] ?? null;
  if (replyTo !== null && (typeof replyTo !== 'string' || !knows(replyTo))) return bad('reply_to[mid] is no message of this conversation');
  const humanAgent = request['tag'] === 'HUMAN_AGENT';
  if (request['tag'] !== undefined && !humanAgent) return bad('tag is invalid');
  const mayWrite = commentId !== null || conversations.mayWrite(accountId, recipientId, humanAgent, now);
  if (!mayWrite) return OUTSIDE_WINDOW;
  const { text, attachment, attachments } = asRecord(request['message']);
  return {
    recipientId, commentId, action, replyTo,
    text: typeof text === 'string' ? text : null,
    attachments: listOf(attachments ?? attachment),
  };
}

function bad(words: string): GraphError {
  return { ...BAD_PARAMETER, message: `(#100) ${words}` };
}

export function isError(outcome: SendRequest | GraphError): outcome is GraphError {
  return 'code' in outcome;
}
