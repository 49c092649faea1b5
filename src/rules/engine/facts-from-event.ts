import type { Facts } from './facts.js';

/**
 * The facts in one item of a delivery's `messaging` array; a whole delivery stands for its first item. Null for what is
 * neither an inbound message nor a postback: an echo, a reaction, a read receipt.
 */
export function factsFromEvent(event: unknown, who: Pick<Facts, 'username' | 'name' | 'account'>): Facts | null {
  const item = firstItem(event);
  const message = field(item, 'message');
  if (isObject(message)) {
    if (field(message, 'is_echo') === true || field(message, 'is_deleted') === true) return null;
    return {
      ...who,
      kind: 'message',
      text: textOf(field(message, 'text')),
      payload: textOf(field(field(message, 'quick_reply'), 'payload')),
    };
  }
  const postback = field(item, 'postback');
  if (!isObject(postback)) return null;
  return {
    ...who,
    kind: 'postback',
    text: textOf(field(postback, 'title')),
    payload: textOf(field(postback, 'payload')),
  };
}

function firstItem(event: unknown): unknown {
  const entries = field(event, 'entry');
  if (!Array.isArray(entries)) return event;
  const items = field(entries[0], 'messaging');
  return Array.isArray(items) ? (items[0] as unknown) : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function field(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
