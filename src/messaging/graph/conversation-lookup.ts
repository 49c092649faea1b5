import { Injectable } from '@nestjs/common';
import { graphErrorOf, isRecord, listOf, textOf, codeText } from './graph-answer.js';
import { GraphClient } from './graph-client.js';
import { GraphTransportError } from './graph-transport.error.js';

/** A message as Instagram's own record of the conversation holds it. */
export interface ExternalMessage {
  readonly id: string;
  readonly fromId: string | null;
  readonly text: string | null;
  readonly hasAttachments: boolean;
  readonly createdAt: Date | null;
}

export type LookupResult =
  | { readonly kind: 'found'; readonly messages: readonly ExternalMessage[] }
  | { readonly kind: 'unanswered'; readonly reason: string; readonly deadToken: boolean };

const FIELDS = 'messages{id,created_time,from,message,attachments}';

/** Reads a conversation's newest messages (details exist for the newest 20 only). Two calls a second are allowed per account. */
@Injectable()
export class ConversationLookup {
  constructor(private readonly graph: GraphClient) {}

  /** Never throws. */
  async newestMessages(participantId: string, accessToken: string): Promise<LookupResult> {
    try {
      const answer = await this.graph.get(
        'me/conversations', { platform: 'instagram', user_id: participantId, fields: FIELDS }, accessToken,
      );
      const error = graphErrorOf(answer.body);
      if (answer.status >= 300 || error || !isRecord(answer.body) || !Array.isArray(answer.body['data'])) {
        const reason = error ? `code ${codeText(error)}` : `HTTP ${String(answer.status)}`;
        return { kind: 'unanswered', reason, deadToken: error?.code === 190 || error?.code === 102 };
      }
      return await this.readConversations(listOf(answer.body['data']), accessToken);
    } catch (error) {
      return { kind: 'unanswered', reason: error instanceof GraphTransportError ? error.message : 'the look-up broke off', deadToken: false };
    }
  }

  private async readConversations(conversations: readonly unknown[], accessToken: string): Promise<LookupResult> {
    const messages: ExternalMessage[] = [];
    for (const conversation of conversations) {
      if (!isRecord(conversation)) continue;
      const nested = messagesOf(conversation['messages']);
      if (nested) {
        messages.push(...nested);
        continue;
      }
      // Where the nested field is not answered, it takes a second call.
      const id = textOf(conversation['id']);
      if (id === null) continue;
      const answer = await this.graph.get(encodeURIComponent(id), { fields: FIELDS }, accessToken);
      const own = isRecord(answer.body) ? messagesOf(answer.body['messages']) : null;
      if (!own) return { kind: 'unanswered', reason: `HTTP ${String(answer.status)} for the conversation's messages`, deadToken: false };
      messages.push(...own);
    }
    return { kind: 'found', messages };
  }
}

function messagesOf(value: unknown): ExternalMessage[] | null {
  if (!isRecord(value) || !Array.isArray(value['data'])) return null;
  return listOf(value['data']).filter(isRecord).flatMap((message) => {
    const id = textOf(message['id']);
    if (id === null) return [];
    const from = message['from'];
    const attachments = message['attachments'];
    return [{
      id,
      fromId: isRecord(from) ? textOf(from['id']) : null,
      text: textOf(message['message']),
      hasAttachments: isRecord(attachments) && listOf(attachments['data']).length > 0,
      createdAt: timeOf(message['created_time']),
    }];
  });
}

/** ISO with `+0000` in real answers; UNIX seconds in the documentation. */
function timeOf(value: unknown): Date | null {
  const at = typeof value === 'number' ? new Date(value * 1000) : typeof value === 'string' ? new Date(isoOf(value)) : null;
  return at === null || Number.isNaN(at.getTime()) ? null : at;
}

/** `+0000` is not quite ISO 8601: the colon is missing. */
function isoOf(text: string): string {
  return text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2');
}
