import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ConversationRecord, ExternalMessage } from '../graph/conversation-lookup.js';
import type { ClaimedMessage } from './outbox-message.js';
import { weighEvidence, type KnownMessage } from './weigh-evidence.js';

const SHOP = '17841400000000001';
const CUSTOMER = '1';
const AT = Date.parse('2026-11-24T10:00:00.250Z');
/** Where the attempted message stands in our record. */
const POSITION = 5;

function attempt(message: object = { text: 'same' }): ClaimedMessage {
  return {
    id: 1, accountId: SHOP, conversationId: `${SHOP}:${CUSTOMER}`, messageId: 'own', source: 'rule', status: 'uncertain', attempts: 1,
    nextAttemptAt: new Date(AT), attemptedAt: new Date(AT), lookups: 0, sendBefore: null, createdAt: new Date(AT),
    request: { recipient: { id: CUSTOMER }, message }, error: null,
  };
}

/** Instagram gives whole seconds. */
function shown(id: string, seconds: number, more: Partial<ExternalMessage> = {}): ExternalMessage {
  const createdAt = new Date(Math.floor((AT + seconds * 1000) / 1000) * 1000);
  return { id, fromId: SHOP, text: 'same', hasAttachments: false, createdAt, ...more };
}

const dark = (id: string): ExternalMessage => ({ id, fromId: null, text: null, hasAttachments: false, createdAt: null });
const inbound = (id: string, seconds: number) => shown(id, seconds, { fromId: CUSTOMER, text: 'hello' });
const known = (...rows: [mid: string, position: number, direction?: KnownMessage['direction']][]) =>
  new Map(rows.map(([mid, position, direction = 'outbound']) => [mid, { id: `id of ${mid}`, direction, position, createdAt: new Date(AT + (position - POSITION) * 1000) }]));

function weigh(messages: ExternalMessage[], more: Partial<ConversationRecord> & { known?: Map<string, KnownMessage>; expectsEarlier?: boolean; of?: ClaimedMessage } = {}) {
  const { known: standing = new Map<string, KnownMessage>(), expectsEarlier = false, of = attempt(), ...record } = more;
  const evidence = weighEvidence({
    attempt: of, participantId: CUSTOMER, position: POSITION, known: standing, expectsEarlier,
    record: { messages, isComplete: true, clockAheadMs: 0, ...record },
  });
  return evidence.kind === 'found' ? evidence.message.id : evidence.kind;
}

describe('weighEvidence', () => {
  it('finds the message by its content and time, the oldest of several', () => {
    expect(weigh([shown('later', 3), shown('own', 1), shown('other words', 1, { text: 'other' }), inbound('theirs', 1), shown('old', -60)])).toBe('own');
  });

  it('is not taken in by the same text sent just before, nor by one that a person wrote before', () => {
    expect(weigh([shown('before', 0), inbound('hello', -2)], { known: known(['before', 4], ['hello', 3, 'inbound']) })).toBe('absent');
  });

  it('takes an echo that was recorded as a person’s after it, where nothing nearer is there', () => {
    const echoed = known(['echo', 6]);
    expect(weigh([shown('echo', 1), inbound('hello', -2)], { known: echoed })).toBe('echo');
    expect(weigh([shown('own', 2), shown('echo', 1)], { known: echoed })).toBe('own');
    expect(weigh([inbound('same words', 1), shown('old', -60)], { known: known(['same words', 6, 'inbound']) })).toBe('absent');
  });

  describe('where it was called before, and refused', () => {
    /** Half a minute ago; it was queued then. */
    const again = (message?: object): ClaimedMessage => ({ ...attempt(message), attempts: 2, createdAt: new Date(AT - 30_000) });

    it('finds what an earlier call had delivered all the same', () => {
      expect(weigh([inbound('new', -10), shown('own', -29), inbound('hello', -60)], { of: again() })).toBe('own');
      expect(weigh([shown('own', -29)], { of: { ...again(), attempts: 1 } })).toBe('absent');
    });

    it('does not take for proof what came between the calls', () => {
      const between = known(['between', 6, 'inbound']);
      const standing = new Map([...between].map(([mid, one]) => [mid, { ...one, createdAt: new Date(AT - 10_000) }]));
      const more = { known: standing, isComplete: false, expectsEarlier: true };
      expect(weigh([inbound('between', -10)], { of: again(), ...more })).toBe('hidden');
      expect(weigh([inbound('between', -10), dark('own?'), inbound('hello', -60)], { of: again(), ...more })).toBe('hidden');
      expect(weigh([inbound('between', -10), inbound('hello', -60)], { of: again(), ...more })).toBe('absent');
    });

    it('is not taken in by an equal text before it, nor by one that a person wrote meanwhile', () => {
      expect(weigh([shown('before', -29), inbound('hello', -60)], { of: again(), known: known(['before', 4]) })).toBe('absent');
      expect(weigh([shown('long before', -40)], { of: again() })).toBe('absent');
      const typed = new Map([...known(['typed', 6])].map(([mid, one]) => [mid, { ...one, createdAt: new Date(AT - 10_000) }]));
      expect(weigh([shown('typed', -10), inbound('hello', -60)], { of: again(), known: typed })).toBe('absent');
    });

    it('reckons what has no words by the latest call alone', () => {
      const image = again({ attachment: { type: 'image', payload: { url: 'https://example.com/a.png' } } });
      expect(weigh([shown('photo', -29, { text: null, hasAttachments: true })], { of: image })).toBe('absent');
    });
  });

  it('reckons by Meta’s clock', () => {
    for (const hours of [-2, 2]) {
      expect(weigh([shown('own', hours * 3600 + 1)], { clockAheadMs: hours * 3_600_000 })).toBe('own');
      expect(weigh([shown('old', hours * 3600 - 60)], { clockAheadMs: hours * 3_600_000 })).toBe('absent');
    }
  });

  it('proves nothing by a record that does not reach back to the attempt', () => {
    expect(weigh([inbound('new', 5)], { isComplete: false })).toBe('hidden');
    expect(weigh([inbound('new', 5)], { expectsEarlier: true })).toBe('hidden');
    expect(weigh([], { expectsEarlier: true })).toBe('hidden');
    expect(weigh([])).toBe('absent');
    expect(weigh([inbound('new', 5), inbound('hello', -60)], { isComplete: false, expectsEarlier: true })).toBe('absent');
    expect(weigh([inbound('new', 5), dark('hello')], { isComplete: false, known: known(['hello', 4, 'inbound']) })).toBe('absent');
  });

  it('proves nothing while a message is listed by its id alone that may be the one', () => {
    const newer = Array.from({ length: 20 }, (_, i) => inbound(`new ${String(i)}`, 100 - i));
    expect(weigh([...newer, dark('who?'), dark('hello')], { known: known(['hello', 4, 'inbound']) })).toBe('hidden');
    expect(weigh([...newer, dark('known'), dark('hello'), dark('ancient')], { known: known(['hello', 4, 'inbound'], ['known', 7]) })).toBe('absent');
  });

  it('knows more than texts', () => {
    const image = attempt({ attachment: { type: 'image', payload: { url: 'https://example.com/a.png' } } });
    expect(weigh([shown('text', 1), shown('own', 1, { text: null, hasAttachments: true })], { of: image })).toBe('own');
    expect(weigh([shown('neither', 1, { text: null }), shown('old', -60)], { of: image })).toBe('absent');
    const buttons = attempt({ attachment: { type: 'template', payload: { template_type: 'button', text: 'Choose', buttons: [] } } });
    expect(weigh([shown('own', 1, { text: 'Choose' })], { of: buttons })).toBe('own');
    expect(weigh([shown('own', 1, { text: null, hasAttachments: true })], { of: buttons })).toBe('own');
    expect(weigh([shown('bare', 1, { text: null })], { of: buttons })).toBe('bare');
    expect(weigh([shown('heart', 1, { text: '❤️' })], { of: attempt({ attachment: { type: 'like_heart' } }) })).toBe('heart');
    const quick = attempt({ text: 'Which one?', quick_replies: [{ content_type: 'text', title: 'A', payload: 'A' }] });
    expect(weigh([shown('own', 1, { text: 'Which one?' })], { of: quick })).toBe('own');
  });

  it('never calls absent what Instagram has, and never finds what it has not, whatever was said around it', () => {
    const entry = fc.record({
      by: fc.constantFrom('customer', 'person', 'us'), text: fc.constantFrom('same', 'other'), isKnown: fc.boolean(), gap: fc.integer({ min: 0, max: 90 }),
    });
    const thread = fc.record({
      before: fc.array(entry, { maxLength: 12 }),
      // Few, or about as many as Instagram shows the content of.
      after: fc.oneof(fc.array(entry, { maxLength: 6 }), fc.array(entry, { minLength: 18, maxLength: 26 })),
      isDelivered: fc.boolean(), clockAheadMs: fc.integer({ min: -9e6, max: 9e6 }),
      // The call that is looked up is another, made after the first had been refused.
      calledAgainAfter: fc.option(fc.integer({ min: 1, max: 120 })),
      pageSize: fc.integer({ min: 5, max: 30 }),
    });
    fc.assert(fc.property(thread, ({ before, after, isDelivered, clockAheadMs, calledAgainAfter, pageSize }) => {
      const standing = new Map<string, KnownMessage>();
      const all: ExternalMessage[] = [];
      let seconds = -before.reduce((sum, { gap }) => sum + gap, 0) - 6;
      const say = (part: typeof before, offset: number) => {
        for (const [i, { by, text, isKnown, gap }] of part.entries()) {
          const id = `${by} ${String(offset + i)}`;
          seconds += gap;
          all.unshift(shown(id, seconds + clockAheadMs / 1000, { fromId: by === 'customer' ? CUSTOMER : SHOP, text }));
          // Nothing of ours follows an unsettled send, and what we sent before is settled: known.
          if (isKnown || by === 'us') {
            const direction = by === 'customer' ? 'inbound' : 'outbound';
            standing.set(id, { id, direction, position: offset < POSITION ? i - 20 : POSITION + 1 + i, createdAt: new Date(AT + (offset < POSITION ? -1 : 1 + i)) });
          }
        }
      };
      say(before, 0);
      seconds = Math.max(seconds, 0);
      if (isDelivered) all.unshift(shown('own', seconds + clockAheadMs / 1000));
      say(after.map((one) => (one.by === 'us' ? { ...one, by: 'person' as const } : one)), 100);
      const page = all.slice(0, pageSize).map((one, i) => (i < 20 ? one : dark(one.id)));
      const of = calledAgainAfter === null ? attempt() : { ...attempt(), attempts: 2, attemptedAt: new Date(AT + calledAgainAfter * 1000) };
      const found = weigh(page, { of, known: standing, clockAheadMs, isComplete: all.length <= pageSize, expectsEarlier: standing.size > 0 });
      const others = all.filter((one) => one.id !== 'own' && one.fromId === SHOP && one.text === 'same').map((one) => one.id);
      if (isDelivered) expect(found).not.toBe('absent');
      // A person's same words since the attempt are taken for it: the customer has them.
      if (!isDelivered && found !== 'absent' && found !== 'hidden') expect(others).toContain(found);
      if (found.startsWith('us ')) throw new Error('one message of ours was taken for another');
    }), { numRuns: 2000 });
  });
});
