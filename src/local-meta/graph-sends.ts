import { errorAnswer, type GraphAnswer, type GraphError } from './graph-error.js';
import { ok } from './graph-reads.js';
import { asRecord } from './json-shapes.js';
import type { MetaAccount } from './meta-account.js';
import type { MetaComments } from './meta-comments.js';
import type { MetaConversations } from './meta-conversations.js';
import { newMid } from './mids.js';
import { isError, readSend, type SendRequest } from './send-validation.js';

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
  /** `typing_on`, `react` …: it becomes no message, and has no mid. */
  readonly action: string | null;
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
  /** `text`, or `attachments`, and what it answers, in the form of a webhook. */
  readonly content: Readonly<Record<string, unknown>>;
}

/** What became of a call. */
export interface Taken {
  /** Null: nothing went out, or an action, of which no message comes. */
  readonly sent: SentMessage | null;
  readonly recipientId: string | null;
  readonly refusal: GraphError | null;
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
  take(account: MetaAccount, body: unknown, goesOut: boolean): Taken {
    const at = new Date();
    const request = readSend(body, account.id, { conversations: this.conversations, comments: this.comments }, at);
    if (isError(request)) return { sent: null, recipientId: null, refusal: request };
    const { recipientId, commentId, text, attachments } = request;
    if (!goesOut || request.action !== null) return { sent: null, recipientId, refusal: null };
    const mid = newMid();
    if (commentId !== null) this.comments.markAnswered(account.id, commentId);
    this.conversations.record(account.id, recipientId, {
      mid,
      from: account.id,
      to: recipientId,
      text,
      attachments,
      at,
    });
    return { sent: { account, recipientId, mid, at, content: echoed(request) }, recipientId, refusal: null };
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
    const action = fields['sender_action'];
    const code = asRecord(asRecord(answer?.body)['error'])['code'];
    this.recorded.push({
      accountId: account.id,
      token,
      body: fields,
      recipientId: typeof recipientId === 'string' ? recipientId : null,
      commentId: typeof commentId === 'string' ? commentId : null,
      text: typeof text === 'string' ? text : null,
      action: typeof action === 'string' ? action : null,
      at: new Date(),
      mid: sent?.mid ?? null,
      status: answer?.status ?? null,
      code: typeof code === 'number' ? code : null,
    });
  }
}

/** An action is answered with its recipient alone. */
export function sendAnswer({ sent, recipientId, refusal }: Taken): GraphAnswer {
  if (refusal) return errorAnswer(refusal);
  return ok({ recipient_id: recipientId, message_id: sent?.mid });
}

/** As the echo tells of it: a template comes back without its content, and quick replies do not come back at all. */
function echoed({ text, attachments, replyTo }: SendRequest): Readonly<Record<string, unknown>> {
  const told = attachments.map((attachment) => (asRecord(attachment)['type'] === 'template' ? { type: 'template', payload: {} } : attachment));
  return {
    ...(attachments.length > 0 ? { attachments: told } : { text }),
    ...(replyTo === null ? {} : { reply_to: { mid: replyTo } }),
  };
}
