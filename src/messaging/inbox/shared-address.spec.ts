import { describe, expect, it } from '@jest/globals';
import type { AccountDirectory } from '../../accounts/index.js';
import { sign } from '../../crypto/index.js';
import { DeliverySignature } from './delivery-signature.js';
import { SharedAddress } from './shared-address.js';

/** Accounts 1 to 400; every ten belong to one Meta app, accounts 301 to 400 each to one of its own. */
const SECRETS = new Map(Array.from({ length: 400 }, (_, i) => [String(i + 1), i < 300 ? `app-${String(Math.floor(i / 10))}` : `own-${String(i + 1)}`]));
const APPS = [...new Set(SECRETS.values())];
const directory = {
  findMany: async (ids: Iterable<string>) => new Map([...ids].filter((id) => SECRETS.has(id)).map((id) => [id, { id }])),
  appSecret: async (id: string) => SECRETS.get(id) ?? null,
  allAppSecrets: async () => APPS,
} as unknown as AccountDirectory;
const address = new SharedAddress(directory);

const delivery = (ids: readonly string[], bytes = 0) =>
  Buffer.from(JSON.stringify({ object: 'instagram', entry: ids.map((id) => ({ id, messaging: [] })), padding: 'x'.repeat(bytes) }));
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => String(from + i));
const attempt = async (body: Buffer, secret: string) => {
  const signature = new DeliverySignature(body, sign(body, secret));
  return { signed: await address.isSigned(body, signature), computed: signature.computed };
};

describe('SharedAddress', () => {
  it('for a signature that is nobody’s, works the same whichever of the accounts named exist', async () => {
    const known = numbers(1, 40);
    const unknown = numbers(9001, 9040);
    const mixed = [...numbers(1, 20), ...numbers(9001, 9020)];
    const ofOneApp = [...numbers(1, 10), ...numbers(9001, 9030)];
    for (const ids of [known, unknown, mixed, mixed.toReversed(), ofOneApp]) {
      expect(await attempt(delivery(ids), 'forged')).toEqual({ signed: false, computed: 40 });
    }
    expect(await attempt(delivery(['1']), 'forged')).toEqual(await attempt(delivery(['9001']), 'forged'));
    // What is no id, and what is named again, is not tried.
    expect((await attempt(delivery(['1', '1', 'x', ' 1', '9001']), 'forged')).computed).toBe(2);
    const testButton = await attempt(delivery(['0', ...known]), 'forged');
    expect(testButton).toEqual(await attempt(delivery(['0', ...unknown]), 'forged'));
  });

  it('takes what any account named has signed, wherever it is named', async () => {
    for (const ids of [['350'], ['9001', '350'], [...numbers(9001, 9900), '350'], [...numbers(301, 400), '9001'], numbers(301, 400).toReversed()]) {
      expect((await attempt(delivery(ids), 'own-350')).signed).toBe(true);
    }
    expect((await attempt(delivery(['0']), 'own-350')).signed).toBe(true);
    expect((await attempt(delivery(['1', '2']), 'own-350')).signed).toBe(false);
  });

  it('takes a delivery that names more accounts than may be tried, when one of their few apps has signed it', async () => {
    const body = delivery([...numbers(9001, 9900), ...numbers(1, 10)], 9 * 1024 * 1024);
    expect(await attempt(body, 'app-0')).toEqual({ signed: true, computed: 1 });
  });

  it('hashes the largest body, unsigned, eight times at most, whoever it names', async () => {
    for (const ids of [numbers(301, 400), numbers(9001, 9900), ['0', ...numbers(1, 400)]]) {
      const ten = delivery(ids, 10 * 1024 * 1024 - 200_000);
      expect((await attempt(ten, 'forged')).computed).toBe(8);
    }
  });

  it('takes a body that holds a million values not apart before it knows who has signed it: any app may have', async () => {
    const bodies = [
      JSON.stringify({ object: 'instagram', entry: [...numbers(1, 300_000).map((id) => ({ id })), 0, { id: '0' }] }),
      JSON.stringify({ entry: [...Array<number>(600_000).fill(0), { id: '350' }] }),
      '['.repeat(500_001), // nor does it look whether it is JSON
    ];
    const asked: string[] = [];
    const counting = { ...directory, findMany: async (ids: Iterable<string>) => directory.findMany([...ids].map((id) => (asked.push(id), id))) };
    const shared = new SharedAddress(counting as unknown as AccountDirectory);
    for (const body of bodies.map((text) => Buffer.from(text))) {
      expect(await shared.isSigned(body, new DeliverySignature(body, sign(body, 'app-0')))).toBe(true);
      expect(await shared.isSigned(body, new DeliverySignature(body, sign(body, 'forged')))).toBe(false);
    }
    expect(asked).toEqual([]);
  });

  it('reads a body of a few values less as any other', async () => {
    const body = Buffer.from(JSON.stringify({ entry: [...Array<number>(490_000).fill(0), { id: '350' }], padding: 'x'.repeat(100_000) }));
    expect((await attempt(body, 'own-350')).signed).toBe(true);
    expect((await attempt(body, 'own-349')).signed).toBe(false);
    expect((await attempt(Buffer.from(`{"entry":[${'{"id":"x"},'.repeat(240_000)}{"id":"0"}]}`), 'app-0')).signed).toBe(true);
  });

  it('computes nothing without a signature, or for what names nobody', async () => {
    const body = delivery(['1']);
    for (const header of [undefined, '', 'sha256=', `sha1=${'0'.repeat(40)}`]) {
      const signature = new DeliverySignature(body, header);
      expect([await address.isSigned(body, signature), signature.computed]).toEqual([false, 0]);
    }
    for (const other of ['not JSON', '[]', 'null', '{"entry":[{}]}']) expect(await attempt(Buffer.from(other), 'app-0')).toEqual({ signed: false, computed: 0 });
  });

  it('once it is known whose signature it is, no other secret costs anything', async () => {
    const body = delivery(['1']);
    const signature = new DeliverySignature(body, sign(body, 'app-0'));
    expect(signature.wasMadeWith('app-0')).toBe(true);
    for (const secret of APPS) expect(signature.wasMadeWith(secret)).toBe(secret === 'app-0');
    expect(signature.computed).toBe(1);
  });
});
