import type { PaceKind } from './pace.port.js';

const TEXT: readonly PaceKind[] = ['sends'];
const MEDIA: readonly PaceKind[] = ['media', 'sends'];
const PRIVATE_REPLY: readonly PaceKind[] = ['private_replies', 'sends'];

/** What a call counts as, by the body that Graph is sent. Pure. */
export function kindsOfSend(body: Readonly<Record<string, unknown>>): readonly PaceKind[] {
  if (has(body['recipient'], 'comment_id')) return PRIVATE_REPLY;
  const message = body['message'];
  const attachments = [property(message, 'attachment'), property(message, 'attachments')].flat();
  return attachments.some((attachment) => isSlow(property(attachment, 'type'))) ? MEDIA : TEXT;
}

function isSlow(type: unknown): boolean {
  return type === 'audio' || type === 'video';
}

function has(value: unknown, name: string): boolean {
  return property(value, name) !== undefined;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
