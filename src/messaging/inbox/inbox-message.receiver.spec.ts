import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AccountDirectory } from '../../accounts/index.js';
import { sign } from '../../crypto/index.js';
import { EventRouter } from './event-router.js';
import type { DeliveryRecords } from './inbox-event.js';
import { InboxMessageReceiver } from './inbox-message.receiver.js';
import type { InboxWriter } from './inbox.writer.js';
import { SharedAddress } from './shared-address.js';

const SECRETS = new Map([['1', 'app-one'], ['2', 'app-one'], ['3', 'app-two']]);
const RECEIVED = new Date('2026-11-01T12:00:00Z');

const directory: AccountDirectory = {
  findMany: async (ids: Iterable<string>) => new Map([...ids].filter((id) => SECRETS.has(id)).map((id) => [id, { id }])),
  findManyAnew: async (ids: Iterable<string>) => directory.findMany(ids),
  appSecret: async (id: string) => SECRETS.get(id) ?? null,
  allAppSecrets: async () => ['app-one', 'app-two'],
} as unknown as AccountDirectory;

const entry = (id: unknown, mid = 'm') => ({
  id, time: 1, messaging: [{ sender: { id: '77' }, recipient: { id }, timestamp: 1, message: { mid, text: 'hi' } }],
});
const body = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const delivery = (...entry: unknown[]) => body({ object: 'instagram', entry });

describe('InboxMessageReceiver', () => {
  let stored: DeliveryRecords[];
  let receiver: InboxMessageReceiver;
  beforeEach(() => {
    stored = [];
    const writer = { store: async (records: DeliveryRecords) => void stored.push(records) } as unknown as InboxWriter;
    receiver = new InboxMessageReceiver(directory, new SharedAddress(directory), new EventRouter(directory), writer);
  });

  const validate = (accountId: string | null, rawBody: Buffer, secret: string) =>
    receiver.validateSignature({ accountId, rawBody, signature: sign(rawBody, secret) });

  async function receive(rawBody: Buffer, secret: string, accountId: string | null = '1'): Promise<DeliveryRecords> {
    const verdict = await validate(accountId, rawBody, secret);
    if (verdict.kind !== 'valid') throw new Error(verdict.kind);
    await receiver.receiveWebhook({ rawBody, proof: verdict.proof, receivedAt: RECEIVED, startedAt: performance.now() });
    return stored.at(-1)!;
  }

  it('checks an account\'s address against its own secret alone', async () => {
    expect((await validate('1', body('not even JSON'), 'app-one')).kind).toBe('valid');
    expect((await validate('1', delivery(entry('3')), 'app-two')).kind).toBe('invalid');
    expect((await validate('9', delivery(), 'app-one')).kind).toBe('unknown_account');
    expect((await validate('ä', delivery(), 'app-one')).kind).toBe('unknown_account');
    for (const signature of [undefined, '', 'sha256=', 'sha1=aa', sign(body(''), 'app-one').toUpperCase()]) {
      expect((await receiver.validateSignature({ accountId: '1', rawBody: body(''), signature })).kind).toBe('invalid');
    }
  });

  it('checks the shared address against the accounts named, or any for the test button', async () => {
    expect((await validate(null, delivery(entry('3')), 'app-two')).kind).toBe('valid');
    expect((await validate(null, delivery(entry('9'), entry(3)), 'app-two')).kind).toBe('valid');
    expect((await validate(null, delivery(entry('3')), 'app-one')).kind).toBe('invalid');
    expect((await validate(null, delivery(entry('0')), 'app-two')).kind).toBe('valid');
    expect((await validate(null, delivery(entry('0')), 'nobody')).kind).toBe('invalid');
    for (const other of ['not JSON', 'null', '[]', '{"entry":5}']) expect((await validate(null, body(other), 'app-one')).kind).toBe('invalid');
  });

  it('gives an entry to its account only if that account\'s secret signed it, on every address', async () => {
    const records = await receive(delivery(entry('1', 'a'), entry('2', 'b'), entry('3', 'c'), entry('9', 'd'), entry('0', 'e'), entry('x'), {}), 'app-one');
    expect(records.events.map((event) => [event.accountId, event.conversationId])).toEqual([['1', '1:77'], ['2', '2:77']]);
    expect(records.unrouted.map((event) => event.reason)).toEqual([
      'it was not signed with the app secret of the account it names', 'no account has this id',
      "a test of Meta's dashboard (entry id 0)", 'no account has this id', 'it names no account',
    ]);
    const shared = await receive(delivery(entry('3', 'c'), entry('1', 'a')), 'app-two', null);
    expect(shared.events.map((event) => event.accountId)).toEqual(['3']);
  });

  it('keeps whatever else is signed, for administrators', async () => {
    for (const other of ['null', '5', '"x"', '{}', '[[]]', '{"object":"instagram","entry":[]}']) {
      expect(await receive(body(other), 'app-one')).toMatchObject({ events: [], unrouted: [{ payload: expect.any(String) }] });
    }
    const page = await receive(body({ object: 'page', entry: [entry('1')] }), 'app-one');
    expect(page).toMatchObject({ events: [], unrouted: [{ reason: 'the object of the delivery is not "instagram"' }] });
  });

  it('gives a delivery of too many events to the one account it names, if that has signed it, and else to nobody', async () => {
    const many = (id: string) => ({ id, messaging: Array<number>(10_001).fill(0) });
    const tooMany = /more than 10000 events/;
    const own = await receive(delivery(many('1'), entry('1')), 'app-one');
    expect(own).toMatchObject({ unrouted: [], events: [{ accountId: '1', kind: 'unknown', ignoredBecause: expect.stringMatching(tooMany) }] });
    const why = async (...entries: unknown[]) => {
      const { events, unrouted } = await receive(delivery(...entries), 'app-one');
      expect([events.length, unrouted.length]).toEqual([0, 1]);
      expect(unrouted[0]!.reason).toMatch(tooMany);
      return unrouted[0]!.reason.split('; ')[0];
    };
    expect(await why(many('3'))).toBe('it was not signed with the app secret of the account it names');
    expect(await why(many('9'))).toBe('no account has this id');
    expect(await why(many('0'))).toBe("a test of Meta's dashboard (entry id 0)");
    expect(await why(many('1'), entry('2'))).toBe('it does not name one account alone');
    expect(await why(...many('1').messaging)).toBe('it does not name one account alone');
    const page = await receive(body({ object: 'page', entry: [many('1')] }), 'app-one');
    expect(page.unrouted).toMatchObject([{ reason: expect.stringMatching(/^the object .* is not "instagram"; .*10000/) }]);
    expect((await validate(null, delivery(many('9'), entry('3')), 'app-two')).kind).toBe('valid');
  });

  it('refuses what is signed but not JSON', async () => {
    await expect(receive(body('{"a":'), 'app-one')).rejects.toMatchObject({ kind: 'invalid', code: 'not_json' });
    await expect(receive(body(''), 'app-one')).rejects.toMatchObject({ kind: 'invalid' });
    expect(stored).toEqual([]);
  });
});
