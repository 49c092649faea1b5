import { asRecord, listOf } from './json-shapes.js';

export interface DeliveredItem {
  readonly accountId: string;
  readonly item: Readonly<Record<string, unknown>>;
}

export interface DeliveredComment {
  readonly accountId: string;
  readonly id: string;
  readonly author: string;
}

/** What a delivery about to go out says, so that the Graph API knows of it afterwards. */
export function readDelivered(body: unknown): { items: DeliveredItem[]; comments: DeliveredComment[] } {
  const items: DeliveredItem[] = [];
  const comments: DeliveredComment[] = [];
  for (const delivery of listOf(Buffer.isBuffer(body) ? parsed(body) : body)) {
    for (const entry of listOf(asRecord(delivery)['entry'])) {
      const { messaging, standby, changes, ...flat } = asRecord(entry);
      const accountId = idText(flat['id']);
      if (accountId === null) continue;
      for (const item of [...listOf(messaging), ...listOf(standby)]) items.push({ accountId, item: asRecord(item) });
      for (const change of [...listOf(changes), flat]) {
        const { field, value } = asRecord(change);
        if (field !== 'comments' && field !== 'live_comments') continue;
        const { id, comment_id, from } = asRecord(value);
        const comment = idText(id ?? comment_id);
        const author = idText(asRecord(from)['id']);
        if (comment !== null && author !== null) comments.push({ accountId, id: comment, author });
      }
    }
  }
  return { items, comments };
}

/** An id as text, also where it is written as a number. */
export function idText(id: unknown): string | null {
  return typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint' ? String(id) : null;
}

/** Milliseconds, or seconds, or either as text, or ISO; now when it is none of them. */
export function timeOf(value: unknown): Date {
  if (typeof value === 'string' && !/^\d+$/.test(value)) return new Date(Date.parse(value) || Date.now());
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  return number > 0 ? new Date(number < 1e11 ? number * 1000 : number) : new Date();
}

/** Long numbers as text, so that no digit of an id is lost; null for what is not JSON. */
function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8').replace(/([:[,]\s*)(\d{16,})(?=\s*[,}\]])/g, '$1"$2"'));
  } catch {
    return null;
  }
}
