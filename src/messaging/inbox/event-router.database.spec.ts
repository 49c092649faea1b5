import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { openTestDatabase, type TestDatabaseHandle } from '../../../test/support/database.js';
import { AccountCareRepository, AccountDirectory, AccountEntity, AccountRepository, AccountsService } from '../../accounts/index.js';
import { AccountCredentials } from '../../accounts/account-credentials.js';
import { AuditEntity, AuditTrail } from '../../audit/index.js';
import { AuditRepository } from '../../audit/audit.repository.js';
import { SystemClock } from '../../common/clock.js';
import { SYSTEM_CONTEXT } from '../../common/request-context.js';
import { CredentialCipher, KeyRing, sign } from '../../crypto/index.js';
import { DeliverySignature } from './delivery-signature.js';
import { EventRouter } from './event-router.js';
import { parseDelivery } from './parsing/webhook-payload.parser.js';

const SIBLING = '17841400000000001';
const SHOP = '17841400000000002';
const SECRET = 'the secret of their app';
const NOW = new Date('2026-11-01T12:00:00.000Z');

/** Two instances on one database: what one has just changed the other may remember otherwise for a second. */
describe('EventRouter, beside another instance', () => {
  let database: TestDatabaseHandle;
  let accounts: AccountRepository;
  let here: AccountDirectory;
  let there: AccountsService;

  function instance() {
    const { transactions, dialect } = database;
    const clock = new SystemClock();
    const credentials = new AccountCredentials(new CredentialCipher(KeyRing.fromSecrets('a passphrase of this spec', [])));
    const directory = new AccountDirectory(transactions, accounts, credentials, clock);
    const audit = new AuditTrail(new AuditRepository(dialect), clock);
    return { directory, service: new AccountsService(transactions, accounts, new AccountCareRepository(dialect), credentials, audit, directory, dialect, clock) };
  }

  beforeAll(async () => {
    // A second that does not pass, on any machine.
    jest.spyOn(performance, 'now').mockReturnValue(performance.now());
    database = await openTestDatabase([AccountEntity, AuditEntity]);
    accounts = new AccountRepository(database.dialect);
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await database.close();
  });
  beforeEach(async () => {
    for (const table of ['account_care', 'instagram_business_accounts', 'audit_log']) await database.dataSource.query(`DELETE FROM ${table}`);
    here = instance().directory;
    there = instance().service;
    await add(SIBLING, SECRET);
  });

  const add = (id: string, appSecret: string) => there.create(SYSTEM_CONTEXT, { id, username: `shop${id}`, accessToken: 'IGAA', appSecret });
  const entry = (id: string) => ({ id, time: 1, messaging: [{ sender: { id: '77' }, recipient: { id }, timestamp: 1, message: { mid: `m-${id}`, text: 'hi' } }] });
  async function route(...ids: string[]) {
    const body = Buffer.from(JSON.stringify({ object: 'instagram', entry: ids.map(entry) }));
    const proof = new DeliverySignature(body, sign(body, SECRET));
    const { records } = await new EventRouter(here).route(parseDelivery(body.toString(), NOW), proof, NOW);
    return { routed: records.events.map(({ accountId }) => accountId), unrouted: records.unrouted.map(({ reason }) => reason) };
  }

  it('knows an account that was added there after it had been asked for here', async () => {
    expect(await route(SHOP)).toEqual({ routed: [], unrouted: ['no account has this id'] });
    await add(SHOP, SECRET);
    expect(await route(SIBLING, SHOP)).toEqual({ routed: [SIBLING, SHOP], unrouted: [] });
  });

  it('knows an app secret that was changed there after the former one had been used here', async () => {
    await add(SHOP, 'the former one');
    expect(await route(SHOP)).toEqual({ routed: [], unrouted: ['it was not signed with the app secret of the account it names'] });
    await there.update(SYSTEM_CONTEXT, SHOP, { appSecret: SECRET });
    expect(await route(SIBLING, SHOP)).toEqual({ routed: [SIBLING, SHOP], unrouted: [] });
  });

  it('reads no account anew that is known to have signed, and the others once, of many not all', async () => {
    await add(SHOP, 'of another app');
    await route(SIBLING, SHOP);
    const read = jest.spyOn(accounts, 'findMany');
    const asked = () => read.mock.calls.map(([, ids]) => ids.length);
    await route(SIBLING, SIBLING);
    expect(asked()).toEqual([]);
    await route(SIBLING, SHOP, '9001');
    // The one that has not been asked for yet, then both of which it is not sure.
    expect(asked()).toEqual([1, 2]);
    read.mockClear();
    await route(SIBLING, ...Array.from({ length: 1200 }, (_, i) => String(9_000_000 + i)));
    expect(asked().reduce((sum, count) => sum + count)).toBe(1200 + 500);
  });
});
