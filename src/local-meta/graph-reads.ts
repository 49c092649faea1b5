import { NO_CONSENT, NO_SUCH_OBJECT, errorAnswer, type GraphAnswer } from './graph-error.js';
import { names, parseFields, type FieldRequest } from './graph-fields.js';
import type { MetaAccount, MetaDirectory } from './meta-account.js';
import type { MetaConversations, MetaMessage } from './meta-conversations.js';

const MOST_MESSAGES = 25;
/** Older ones are listed by id, and answer as if they had been deleted. */
const MESSAGES_WITH_DETAILS = 20;

/** The reading half of the Graph API: accounts, people, conversations, messages. */
export class GraphReads {
  constructor(
    private readonly directory: MetaDirectory,
    private readonly conversations: MetaConversations,
  ) {}

  me(account: MetaAccount, query: URLSearchParams): GraphAnswer {
    const all: Record<string, string> = {
      id: this.directory.appScopedId(account),
      user_id: account.id,
      username: account.username,
      name: account.username,
      account_type: 'BUSINESS',
    };
    const wanted = names(parseFields(query.get('fields')));
    return ok(Object.fromEntries(Object.entries(all).filter(([name]) => name === 'id' || wanted.has(name))));
  }

  profile(account: MetaAccount, personId: string, query: URLSearchParams): GraphAnswer {
    const person = this.directory.person(account.id, personId);
    if (!person) return errorAnswer(NO_CONSENT);
    const wanted = names(parseFields(query.get('fields') ?? 'name,username'));
    return ok({
      ...(wanted.has('name') ? { name: person.name } : {}),
      ...(wanted.has('username') ? { username: person.username } : {}),
      id: person.id,
    });
  }

  listConversations(account: MetaAccount, query: URLSearchParams): GraphAnswer {
    const messages = parseFields(query.get('fields')).find((field) => field.name === 'messages');
    const data = this.conversations.list(account.id, query.get('user_id')).map(({ id, updatedAt }) => ({
      id,
      updated_time: graphTime(updatedAt),
      ...(messages ? { messages: this.messagesOf(account, id, messages) } : {}),
    }));
    return ok({ data });
  }

  conversation(account: MetaAccount, conversationId: string, query: URLSearchParams): GraphAnswer | null {
    if (!this.conversations.messages(account.id, conversationId)) return null;
    const messages = parseFields(query.get('fields')).find((field) => field.name === 'messages');
    return ok({
      ...(messages ? { messages: this.messagesOf(account, conversationId, messages) } : {}),
      id: conversationId,
    });
  }

  message(account: MetaAccount, mid: string, query: URLSearchParams): GraphAnswer {
    const message = this.conversations.message(account.id, mid);
    if (!message) return errorAnswer(NO_SUCH_OBJECT);
    return ok(this.describe(account, message, names(parseFields(query.get('fields') ?? 'id,created_time'))));
  }

  private messagesOf(account: MetaAccount, conversationId: string, request: FieldRequest): unknown {
    const wanted = names(request.fields.length > 0 ? request.fields : parseFields('id,created_time'));
    const all = this.conversations.messages(account.id, conversationId) ?? [];
    const newest = all.slice(0, request.limit ?? MOST_MESSAGES);
    return {
      data: newest.map((message, index) =>
        index < MESSAGES_WITH_DETAILS ? this.describe(account, message, wanted) : { id: message.mid },
      ),
      // The address is never called here: that there is one says that there is more.
      ...(all.length > newest.length ? { paging: { next: `/${conversationId}/messages?after=${String(newest.length)}` } } : {}),
    };
  }

  private describe(account: MetaAccount, message: MetaMessage, wanted: ReadonlySet<string>): Record<string, unknown> {
    const attachments = { data: message.attachments };
    return {
      id: message.mid,
      ...(wanted.has('created_time') ? { created_time: graphTime(message.at) } : {}),
      ...(wanted.has('from') ? { from: this.party(account, message.from) } : {}),
      ...(wanted.has('to') ? { to: { data: [this.party(account, message.to)] } } : {}),
      ...(wanted.has('message') ? { message: message.text ?? '' } : {}),
      ...(wanted.has('attachments') && message.attachments.length > 0 ? { attachments } : {}),
    };
  }

  private party(account: MetaAccount, id: string): { id: string; username?: string } {
    if (id === account.id) return { id, username: account.username };
    return { id, username: this.directory.person(account.id, id)?.username };
  }
}

export function ok(body: unknown): GraphAnswer {
  return { status: 200, headers: {}, body };
}

/** `2026-11-24T10:00:00+0000` */
function graphTime(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, '+0000');
}
