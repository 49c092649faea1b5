import { errorAnswer, type GraphAnswer, type GraphError } from './graph-error.js';
import { ok } from './graph-reads.js';
import type { MetaAccount } from './meta-account.js';
import type { MetaComments } from './meta-comments.js';
import type { MetaConversations } from './meta-conversations.js';
import { newMid } from './mids.js';
import { asRecord, isError, readSend } from './send-validation.js';

/** One call of `POST /{id}/messages`, as it arrived. */
export interface RecordedSend {
  readonly accountId: string;
  /** The bearer token it came with. */
  readonly token: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The person; also of a private reply that went out. */
  readonly recipientId: string | null;
  /** The comment a private reply answers. */
  readonly commentId: string | null;
  readonly text: string | null;
  readonly at: Date;
  /** Null when the message did not go out. */
  readonly mid: string | null;
  /** What the caller was answered; null: nothing (a timeout, a reset). */
  readonly status: number | null;
  /** The error code of the answer. */
  readonly code: number | null;
}

export interface SentMessage {
  readonly account: MetaAccount;
  readonly recipientId: string;
  readonly mid: string;
  readonly at: Date;
  /** `text`, or `attachments` in the form of a webhook. */
  readonly content: Readonly<Record<string, unknown>>;
}

/** The sending half of the Graph API: what went out, and a record of every attempt. */
export class GraphSends {
  readonly recorded: RecordedSend[] = [];

  constructor(
    private readonly conversations: MetaConversations,
    private readonly comments: MetaComments,
  ) {}

  /**
   * Takes the message, or refuses it.
   * @param goesOut false: a planned failure keeps it from going out
   */
  take(
    account: MetaAccount,
    body: unknown,
    goesOut: boolean,
  ): { sent: SentMessage | null; refusal: GraphError | null } {
    const at = new Date();
    const request = readSend(body, account.id, { conversations: this.conversations, comments: this.comments }, at);
    if (isError(request)) return { sent: null, refusal: request };
    if (!goesOut) return { sent: null, refusal: null };
    const mid = newMid();
    const { recipientId, commentId, text, attachments } = request;
    if (commentId !== null) this.comments.markAnswered(account.id, commentId);
    this.conversations.record(account.id, recipientId, {
      mid,
      from: account.id,
      to: recipientId,
      text,
      attachments,
      at,
    });
    const content = attachments.length > 0 ? { attachments } : { text };
    return { sent: { account, recipientId, mid, at, content }, refusal: null };
  }

  record(
    account: MetaAccount,
    token: string,
    body: unknown,
    sent: SentMessage | null,
    answer: GraphAnswer | null,
  ): void {
    const fields = asRecord(body);
    const recipient = asRecord(fields['recipient']);
    const recipientId = recipient['id'] ?? sent?.recipientId;
    const commentId = recipient['comment_id'];
    const text = asRecord(fields['message'])['text'];
    const code = asRecord(asRecord(answer?.body)['error'])['code'];
    this.recorded.push({
      accountId: account.id,
      token,
      body: fields,
      recipientId: typeof recipientId === 'string' ? recipientId : null,
      commentId: typeof commentId === 'string' ? commentId : null,
      text: typeof text === 'string' ? text : null,
      at: new Date(),
      mid: sent?.mid ?? null,
      status: answer?.status ?? null,
      code: typeof code === 'number' ? code : null,
    });
  }
}

export function sendAnswer(sent: SentMessage | null, refusal: GraphError | null): GraphAnswer {
  if (refusal) return errorAnswer(refusal);
  return ok({ recipient_id: sent?.recipientId, message_id: sent?.mid });
}
