import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { happenings, type Happening } from './support/happenings.js';
import { ACCOUNT, START } from './support/inbox-bed.js';
import { wireBytes, withNumericIds } from '../src/local-meta/index.js';
import { parseDelivery, type ParsedEvent } from '../src/messaging/inbox/parsing/webhook-payload.parser.js';

const NOW = new Date(START);
const SCENE = { accountId: ACCOUNT, persons: ['9876543210000001', '9876543210000003'], start: NOW, comments: true };

function parsed(entry: object, numeric = false): ParsedEvent[] {
  const delivery = { object: 'instagram', entry: [{ id: ACCOUNT, time: START, ...entry }] };
  const text = wireBytes(numeric ? withNumericIds(delivery) : delivery).toString('utf8');
  return parseDelivery(text, NOW).flatMap(({ events }) => events);
}

/** A happening alone, in the form in which it is told. */
function keyOf(happening: Happening, numeric = false): string {
  const [event] = parsed(Object.fromEntries(Object.entries(happening).map(([form, item]) => [form, [item]])), numeric);
  return event!.dedupeKey;
}

function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).reverse().map(([key, inner]) => [key, reordered(inner)]));
}

/** What tells events apart, as it is promised: their kind, their message, and what each kind adds. */
function identityOf(happening: Happening): string {
  if ('changes' in happening) return `comment ${(happening.changes.value as { id: string }).id}`;
  const standby = 'standby' in happening;
  const item = JSON.parse(JSON.stringify(standby ? happening.standby : happening.messaging)) as Record<string, Record<string, unknown> | undefined>;
  const parts = (kind: string, part: Record<string, unknown>, ...more: unknown[]) => JSON.stringify([standby, kind, part['mid'], ...more]);
  const { message, postback, reaction, read, message_edit: edit, timestamp } = item;
  if (message) return message['is_deleted'] === true ? parts('unsend', message, timestamp) : parts(message['is_echo'] === true ? 'echo' : 'message', message);
  if (postback?.['mid'] !== undefined) return parts('postback', postback);
  if (reaction) return parts('reaction', reaction, timestamp, reaction['action'], reaction['emoji']);
  if (read) return parts('read', read, timestamp);
  if (edit) return parts('edit', edit, Number(edit['num_edit']), edit['text']);
  return JSON.stringify([standby, item]);
}

describe('the dedupe key', () => {
  it('is the same in any company, in any order of keys, and with ids as numbers', () => {
    fc.assert(
      fc.property(happenings(SCENE), (told) => {
        const all = { messaging: told.flatMap((each) => ('messaging' in each ? [each.messaging] : [])) };
        const keys = parsed(all).map(({ dedupeKey }) => dedupeKey);
        expect(all.messaging.map((messaging) => keyOf({ messaging }))).toEqual(all.messaging.length === 0 ? [] : keys);
        for (const happening of told) {
          expect(keyOf(reordered(happening) as Happening)).toBe(keyOf(happening));
          expect(keyOf(happening, true)).toBe(keyOf(happening));
        }
      }),
    );
  });

  it('is the same in an array, as a change and flat', () => {
    fc.assert(
      fc.property(happenings(SCENE), (told) => {
        for (const happening of told) {
          const key = keyOf(happening);
          const change = 'changes' in happening ? happening.changes : 'standby' in happening ? { field: 'standby', value: happening.standby } : { field: 'messages', value: happening.messaging };
          expect(parsed({ changes: [change] })[0]!.dedupeKey).toBe(key);
          expect(parsed(change)[0]!.dedupeKey).toBe(key);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('differs exactly where what happened differs', () => {
    fc.assert(
      fc.property(happenings(SCENE), (told) => {
        const byIdentity = new Map(told.map((happening) => [identityOf(happening), keyOf(happening)]));
        expect(new Set(told.map((happening) => keyOf(happening)))).toEqual(new Set(byIdentity.values()));
        expect(new Set(byIdentity.values()).size).toBe(byIdentity.size);
      }),
    );
  });

  it('takes ids byte for byte, and none for a part of another', () => {
    const odd = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a', 'A', 'a ', ' a', 'a1', 'a\u0000', 'á', 'a\u0301', '1', 'a\u00001'));
    const edit = (mid: string, text: string) => keyOf({ messaging: { timestamp: START, message_edit: { mid, num_edit: 1, text } } });
    fc.assert(
      fc.property(odd, odd, odd, odd, (a, b, x, y) => {
        fc.pre(a !== '' && b !== '');
        expect(edit(a, x) === edit(b, y)).toBe(a === b && x === y);
      }),
      { numRuns: 500 },
    );
  });
});
