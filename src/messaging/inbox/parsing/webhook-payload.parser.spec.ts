import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countEvents, deliveriesOf, MOST_EVENTS } from './delivery-size.js';
import { parseJsonWithBigInts } from './json-with-big-ints.js';
import { accountIdsIn, LARGEST_PAYLOAD, parseDelivery, type ParsedEvent } from './webhook-payload.parser.js';

const RECEIVED = new Date('2026-11-01T12:00:00.000Z');
const ACCOUNT = '17841400000000001';
const CUSTOMER = '1234567890123456';
const MID = 'aWdfZG1faXRlbToxOklHTWVzc2FnZAZID';

const sides = { sender: { id: CUSTOMER }, recipient: { id: ACCOUNT }, timestamp: 1793534399000 };
const delivery = (...messaging: unknown[]) => ({ object: 'instagram', entry: [{ id: ACCOUNT, time: 1793534399500, messaging }] });
const parse = (value: unknown) => parseDelivery(JSON.stringify(value), RECEIVED);
const one = (value: unknown): ParsedEvent => {
  const events = parse(value).flatMap((entry) => entry.events);
  expect(events).toHaveLength(1);
  return events[0]!;
};

describe('parseDelivery', () => {
  it('keeps an item as its own bytes, and knows whose conversation it is', () => {
    const item = `{ "message": {"mid":"${MID}","text":"caf\\u00e9"},  "sender":{"id":${CUSTOMER}}, "timestamp":"1793534399" }`;
    const parsed = parseDelivery(`{"entry":[{"id":${ACCOUNT},"messaging":[ ${item} ]}],"object":"instagram"}`, RECEIVED);
    expect(parsed).toMatchObject([{ isInstagram: true, accountId: ACCOUNT }]);
    expect(parsed[0]!.events).toEqual([
      {
        kind: 'message',
        dedupeKey: expect.stringMatching(/^[\w-]{43}$/),
        conversationId: `${ACCOUNT}:${CUSTOMER}`,
        laneKey: `${ACCOUNT}:${CUSTOMER}`,
        occurredAt: new Date(1793534399000),
        payload: item,
        ignoredBecause: null,
      },
    ]);
  });

  it.each([
    ['message', { ...sides, message: { mid: MID, text: 'hi' } }],
    ['message', { ...sides, message: { mid: MID, is_unsupported: true } }],
    ['unsend', { ...sides, message: { mid: MID, is_deleted: true } }],
    ['echo', { sender: { id: ACCOUNT }, recipient: { id: CUSTOMER }, timestamp: 1, message: { mid: MID, is_echo: true, text: 'hi' } }],
    ['postback', { ...sides, postback: { title: 'Prices', payload: 'PRICES' } }],
    ['reaction', { ...sides, reaction: { mid: MID, action: 'react', emoji: '❤' } }],
    ['read', { timestamp: 1, read: { mid: MID } }],
    ['edit', { timestamp: 1, message_edit: { mid: MID, num_edit: 0 } }],
    ['referral', { ...sides, referral: { ref: 'x' } }],
    ['self', { sender: { id: ACCOUNT }, recipient: { id: '9' }, message: { mid: MID, is_echo: true, is_self: true, text: 'note' } }],
    ['self', { ...sides, is_self: true, postback: { title: 'x', payload: 'x' } }],
    ['unsend', { sender: { id: ACCOUNT }, recipient: { id: CUSTOMER }, message: { mid: MID, is_echo: true, is_deleted: true } }],
    ['optin', { ...sides, optin: { type: 'notification_messages' } }],
    ['handover', { ...sides, take_thread_control: { metadata: '' } }],
    ['unknown', { ...sides, brand_new: {} }],
    ['unknown', null],
    ['unknown', { message: 5 }],
  ])('recognises %s', (kind, item) => {
    const event = one(delivery(item));
    expect(event.kind).toBe(kind);
    expect(JSON.parse(event.payload)).toEqual(item);
    expect(event.ignoredBecause === null).toBe(!['edit', 'self', 'optin', 'handover', 'unknown'].includes(kind));
  });

  it('reads every envelope', () => {
    const item = { ...sides, message: { mid: MID, text: 'hi' } };
    const entry = { id: ACCOUNT, time: 1793534399 };
    const envelope = (more: object) => ({ object: 'instagram', entry: [{ ...entry, ...more }] });
    expect(one(envelope({ standby: [item] })).kind).toBe('standby');
    expect(one(envelope({ changes: [{ field: 'messages', value: item }] }))).toEqual(one(delivery(item)));
    expect(one(envelope({ changes: [{ field: 'comments', value: { id: '1', text: 'x' } }] })).kind).toBe('comment');
    expect(one(envelope({ field: 'comments', value: { id: '1', text: 'x' } })).kind).toBe('comment');
    expect(one(envelope({ changes: [{ field: 'mentions', value: {} }] })).occurredAt).toEqual(new Date(1793534399000));
    expect(one(envelope({ changed_fields: ['comments'] }))).toMatchObject({ kind: 'change', ignoredBecause: 'it names fields that have changed, without their values' });
    expect(one(envelope({ messaging: [] })).kind).toBe('unknown');
    expect(one([delivery(item)])).toEqual(one(delivery(item)));
    const both = parse({ object: 'instagram', entry: [{ ...entry, messaging: [item, item], changes: [{ field: 'x' }] }, { id: '2', messaging: [item] }] });
    expect(both.map((e) => e.events.length)).toEqual([3, 1]);
    expect(both[1]!.events[0]!.conversationId).toBe(`2:${CUSTOMER}`);
    expect(parse({ ...delivery(item), object: 'page' })[0]!.isInstagram).toBe(false);
    const mixed = parse([delivery(item), { ...delivery(item, item), object: 'page' }, 5]);
    expect(mixed.map((e) => [e.isInstagram, e.events.length])).toEqual([[true, 1], [false, 2], [false, 1]]);
  });

  it('gives each kind of event of one mid its own key, and the same event the same key in any company', () => {
    const message = { ...sides, message: { mid: MID, text: 'hi' } };
    const items = [
      message,
      { ...message, message: { mid: MID, is_deleted: true } },
      { ...message, message: { mid: MID.toLowerCase(), text: 'hi' } },
      { ...message, message: { mid: `${MID} `, text: 'hi' } },
      { ...sides, reaction: { mid: MID, action: 'react' } },
      { ...sides, reaction: { mid: MID, action: 'unreact' } },
      { ...sides, timestamp: 5, reaction: { mid: MID, action: 'react' } },
      { ...sides, message_edit: { mid: MID, num_edit: 1 } },
      { ...sides, message_edit: { mid: MID, num_edit: 2 } },
      { ...sides, read: { mid: MID } },
      { ...sides, postback: { payload: 'A' } },
      { ...sides, postback: { payload: 'B' } },
      { ...sides, timestamp: 6, postback: { payload: 'A' } },
    ];
    const together = parse(delivery(...items))[0]!.events.map((event) => event.dedupeKey);
    expect(new Set(together).size).toBe(items.length);
    const shuffled = (item: object) => Object.fromEntries(Object.entries(item).reverse());
    expect(items.map((item) => one(delivery(shuffled(item))).dedupeKey)).toEqual(together);
  });

  it('applies nothing without a person, nor what the account sent itself', () => {
    expect(one(delivery({ message: { mid: MID, text: 'hi' } }))).toMatchObject({ conversationId: null, ignoredBecause: /person/ as never });
    expect(one(delivery({ ...sides, sender: { id: 'Robert;--' }, message: { mid: MID } })).conversationId).toBeNull();
    for (const id of ['..', '.a', 'a/b', 'a:b', 'x'.repeat(51)]) expect(one(delivery({ ...sides, sender: { id }, message: { mid: MID } })).conversationId).toBeNull();
    // Not digits, as all so far: nothing says that they stay so.
    for (const id of ['igsid-1', 'Q_7.x', 'x'.repeat(50)]) expect(one(delivery({ ...sides, sender: { id }, message: { mid: MID } })).conversationId).toBe(`${ACCOUNT}:${id}`);
    const own = one(delivery({ ...sides, sender: { id: ACCOUNT }, message: { mid: MID, text: 'hi' } }));
    expect(own).toMatchObject({ conversationId: null, ignoredBecause: 'it was sent by the account itself' });
  });

  it('puts nothing into the future, and survives times that are none', () => {
    for (const timestamp of [1e16 * 5, 9e13, 'soon', {}, -1, null, '99999999999999999999']) {
      const { occurredAt } = one(delivery({ ...sides, timestamp, message: { mid: MID } }));
      expect(occurredAt.getTime()).toBeLessThanOrEqual(RECEIVED.getTime());
      expect(occurredAt.getTime()).toBeGreaterThan(RECEIVED.getTime() - 60_000);
    }
    expect(one(delivery({ ...sides, timestamp: '2026-11-01T11:00:00+0000', message: { mid: MID } })).occurredAt)
      .toEqual(new Date('2026-11-01T11:00:00Z'));
  });

  it('keeps only the beginning of what no database would take', () => {
    const text = 'x'.repeat(LARGEST_PAYLOAD);
    const event = one(delivery({ ...sides, message: { mid: MID, text } }));
    expect(event.payload.length).toBeLessThan(20_000);
    expect(event.ignoredBecause).toMatch(/too large/);
  });

  describe('of more events than anybody sends', () => {
    const TEN_MIB = 10 * 1024 * 1024;
    const filled = (head: string, item: (i: number) => string, tail: string) => {
      const items: string[] = [];
      for (let i = 0, size = head.length + tail.length; size < TEN_MIB - 20; i++) size += items[items.push(item(i)) - 1]!.length + 1;
      return `${head}${items.join(',')}${tail}`;
    };
    const own = `{"object":"instagram","entry":[{"id":"${ACCOUNT}",`;

    it.each([
      ['distinct items', filled(`${own}"messaging":[`, String, ']}]}'), ACCOUNT, true],
      ['changes', filled(`${own}"changes":[`, () => 'null', ']}]}'), ACCOUNT, true],
      ['entries', filled('{"entry":[', () => '0', ']}'), null, false],
      ['entries of one account', filled('{"object":"instagram","entry":[', () => `{"id":${ACCOUNT}}`, ']}'), ACCOUNT, true],
      ['entries of many accounts', filled('{"object":"instagram","entry":[', (i) => `{"id":${String(i)}}`, ']}'), null, true],
      ['deliveries', filled('[', () => '[]', ']'), null, false],
    ])('keeps the beginning of ten MiB of %s, as one event', (_, text, accountId, isInstagram) => {
      const entries = parseDelivery(text, RECEIVED);
      expect(entries).toMatchObject([{ accountId, isInstagram, isWhole: true, events: [{ kind: 'unknown', conversationId: null, laneKey: null }] }]);
      const event = entries[0]!.events[0]!;
      expect(event.ignoredBecause).toBe('it is a delivery of more than 10000 events, which Meta never sends; only its beginning is kept');
      expect(JSON.parse(event.payload)).toEqual({ moreEventsThan: 10_000, tooLarge: text.length, beginning: text.slice(0, 10_000) });
      expect(parseDelivery(text, new Date())[0]!.events[0]!.dedupeKey).toBe(event.dedupeKey);
    });

    it('splits what is just below', () => {
      const items = Array.from({ length: MOST_EVENTS }, (_, i) => ({ ...sides, message: { mid: `m${String(i)}` } }));
      expect(parse(delivery(...items))).toMatchObject([{ isWhole: false, events: { length: MOST_EVENTS } }]);
      expect(parse({ object: 'instagram', entry: items.map(() => 0) })).toHaveLength(MOST_EVENTS);
      expect(parse({ object: 'instagram', entry: [...items.map(() => 0), 0] })).toHaveLength(1);
      const twoBodies = parse([delivery(...items.slice(1)), delivery(...items.slice(0, 2))]);
      expect(twoBodies).toMatchObject([{ accountId: ACCOUNT, isWhole: true }]);
      // Another one, though it begins alike.
      expect(parse([delivery(...items.slice(1)), delivery(...items.slice(1, 3))])[0]!.events[0]!.dedupeKey).not.toBe(twoBodies[0]!.events[0]!.dedupeKey);
    });

    it('gives it to an account only where all of it is said to be its own', () => {
      const items = Array<number>(MOST_EVENTS).fill(0);
      const ofAll = (...bodies: unknown[]) => parse(bodies.length === 1 ? bodies[0] : bodies).map(({ accountId, isInstagram }) => [accountId, isInstagram]);
      const instagram = (...entry: unknown[]) => ({ object: 'instagram', entry });
      const full = { id: ACCOUNT, messaging: items };
      expect(ofAll(instagram(full, { id: ACCOUNT }))).toEqual([[ACCOUNT, true]]);
      for (const other of [{ id: '2' }, {}, 0, null]) {
        expect([...ofAll(instagram(full, other)), ...ofAll(instagram(other, full))]).toEqual([[null, true], [null, true]]);
      }
      expect(ofAll(instagram(full), { ...instagram(full), object: 'page' })).toEqual([[ACCOUNT, false]]);
      expect(ofAll(instagram(full), {})).toEqual([[null, false]]);
    });
  });

  it('never throws on JSON, whatever it is, and loses none of it', () => {
    const parts = fc.constantFrom(
      'object', 'instagram', 'entry', 'id', 'messaging', 'standby', 'changes', 'field', 'value', 'message', 'mid', 'sender',
      'recipient', 'timestamp', 'postback', 'reaction', 'comments', ACCOUNT, '__proto__', 'constructor', '',
    );
    const any = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5, depthSize: 'large' },
        fc.oneof(parts, fc.double(), fc.constant(null), fc.boolean(), fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n })),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.uniqueArray(fc.tuple(parts, tie('value')), { maxLength: 6, selector: ([key]) => key }).map((fields) => new Map(fields as [string, unknown][])),
      ),
    })).value;
    const write = (value: unknown): string => {
      if (typeof value === 'bigint') return String(value);
      if (value instanceof Map) return `{${[...value].map(([key, field]) => `${JSON.stringify(key)}:${write(field)}`).join(',')}}`;
      if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
      return value === undefined ? 'null' : JSON.stringify(value);
    };
    const envelope = fc.array(any, { maxLength: 3 }).map((messaging) => new Map<string, unknown>([
      ['object', 'instagram'],
      ['entry', [new Map<string, unknown>([['id', ACCOUNT], ['messaging', messaging]])]],
    ]));
    fc.assert(
      fc.property(fc.oneof(any, envelope), (value) => {
        const text = write(value);
        const entries = parseDelivery(text, RECEIVED);
        expect(entries.length).toBeGreaterThan(0);
        for (const event of entries.flatMap((entry) => entry.events)) {
          expect(text).toContain(event.payload);
          expect(event.conversationId ?? '1:1').toMatch(/^[ -~]{3,101}$/);
        }
        expect([...accountIdsIn(text)].every((id) => typeof id === 'string')).toBe(true);
        // Else a body could be split into more than was counted.
        expect(entries.reduce((sum, entry) => sum + entry.events.length, 0)).toBe(countEvents(deliveriesOf(parseJsonWithBigInts(text))));
      }),
      { numRuns: 3000 },
    );
  });

  it('is not impressed by depth', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    for (const text of [deep, `{"object":"instagram","entry":[{"id":"${ACCOUNT}","messaging":[${deep},{"message":{"text":${deep}}}]}]}`]) {
      expect(parseDelivery(text, RECEIVED).length).toBe(1);
    }
  });

  it('refuses what is not JSON', () => {
    for (const text of ['', 'hello', '{"a":', '\u{feff}{}']) expect(() => parseDelivery(text, RECEIVED)).toThrow(SyntaxError);
  });
});
