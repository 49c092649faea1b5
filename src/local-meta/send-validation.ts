import { BAD_PARAMETER, NO_SUCH_USER, OUTSIDE_WINDOW, type GraphError } from './graph-error.js';
import type { MetaConversations } from './meta-conversations.js';

export interface SendRequest {
  readonly recipientId: string;
  readonly text: string | null;
  readonly attachments: readonly unknown[];
  readonly humanAgent: boolean;
}

const MOST_BYTES = 1000;

/** What a send asks for, or the error Meta answers to it. */
export function readSend(
  body: unknown,
  accountId: string,
  conversations: MetaConversations,
  now: Date,
): SendRequest | GraphError {
  const request = asRecord(body);
  const recipientId = asRecord(request['recipient'])['id'];
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
  if (!conversations.mayWrite(accountId, recipientId, humanAgent, now)) return OUTSIDE_WINDOW;
  return { recipientId, text, attachments, humanAgent };
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
