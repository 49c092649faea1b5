import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AccountsBed, NEW_KEY, newAccount, SECRETS } from '../../test/support/accounts-bed.js';
import { SYSTEM_CONTEXT, type RequestContext } from '../common/request-context.js';
import { accessTokenHash } from './account-credentials.js';

describe('accounts on a database', () => {
  let bed: AccountsBed;
  const wired = (key: string, previous: string[] = []) => bed.wired(key, previous);

  beforeAll(async () => {
    bed = await AccountsBed.open();
  });
  afterAll(() => bed.close());
  beforeEach(() => bed.empty());

  it('reads and opens little for a test button that anybody may press', async () => {
    const { service, directory, credentials } = wired(NEW_KEY);
    for (const id of ['1', '2', '3', '4']) await service.create(SYSTEM_CONTEXT, newAccount(id));
    const opening = jest.spyOn(credentials, 'open');
    const openedFor = async () => {
      opening.mockClear();
      directory.evict('1'); // as if a second had passed
      const secrets = await directory.allAppSecrets();
      return [secrets, opening.mock.calls.length];
    };
    expect(await openedFor()).toEqual([[SECRETS.appSecret], 4]);
    expect(await openedFor()).toEqual([[SECRETS.appSecret], 1]);
    await service.update(SYSTEM_CONTEXT, '3', { appSecret: 'another' });
    expect(await openedFor()).toEqual([[SECRETS.appSecret, 'another'], 2]);
    await wired(NEW_KEY).deletion.execute(SYSTEM_CONTEXT, '3');
    expect(await openedFor()).toEqual([[SECRETS.appSecret], 1]);
    const rows = await bed.database.transactions.read((tx) => bed.repository.listAppSecrets(tx));
    expect(rows.map((row) => Object.keys(row).sort())).toEqual(['1', '2', '4'].map(() => ['appSecret', 'id']));
  });

  it('makes a verify token where none is given, and finds an account by it', async () => {
    const { service, directory } = wired(NEW_KEY);
    const verifyToken = String((await service.create(SYSTEM_CONTEXT, newAccount('1'))).webhookVerifyToken);
    expect(verifyToken.length).toBeGreaterThanOrEqual(32);
    expect(await directory.matchesAnyVerifyToken(verifyToken)).toBe(true);
    expect(await directory.matchesAnyVerifyToken('another')).toBe(false);
  });

  it('refuses a second account of the same id, also at the same moment', async () => {
    const { service } = wired(NEW_KEY);
    const made = await Promise.allSettled([1, 2, 3].map(() => service.create(SYSTEM_CONTEXT, newAccount('1'))));
    expect(made.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    for (const one of made) if (one.status === 'rejected') expect(one.reason).toMatchObject({ kind: 'conflict' });
  });

  it('records every change with its author and without a secret, and nothing where nothing changed', async () => {
    const { service } = wired(NEW_KEY);
    await service.create(SYSTEM_CONTEXT, newAccount('1'));
    await service.update(SYSTEM_CONTEXT, '1', { status: 'inactive', appSecret: 'other-secret', settings: { takeoverMinutes: 5 } });
    await service.update(SYSTEM_CONTEXT, '1', { status: 'inactive', settings: { takeoverMinutes: 5 } });
    const entries: { action: string; actor: string; changes: string }[] = await bed.database.dataSource.query(
      'SELECT action, actor, changes FROM audit_log ORDER BY id',
    );
    expect(entries.map(({ action, actor }) => [action, actor])).toEqual([['account.create', 'system'], ['account.update', 'system']]);
    expect(JSON.parse(entries[1]!.changes)).toEqual({
      status: { from: 'active', to: 'inactive' },
      appSecret: 'changed',
      settings: { takeoverMinutes: { from: 30, to: 5 } },
    });
  });

  it('knows since when it is on again', async () => {
    const { service } = wired(NEW_KEY);
    const activeSince = async () => (await bed.database.transactions.read((tx) => bed.repository.getSettings(tx, ['1']))).get('1')?.activeSince;
    await service.create(SYSTEM_CONTEXT, newAccount('1'));
    await service.update(SYSTEM_CONTEXT, '1', { status: 'active', username: 'other' });
    expect(await activeSince()).toBeNull();
    await service.update(SYSTEM_CONTEXT, '1', { status: 'inactive' });
    const { updatedAt } = await service.update(SYSTEM_CONTEXT, '1', { status: 'active' });
    expect(await activeSince()).toEqual(updatedAt);
  });

  it('lists newest first, page by page, within the accounts of the caller', async () => {
    const { service } = wired(NEW_KEY);
    for (const id of ['1', '2', '3', '4', '5']) {
      await service.create(SYSTEM_CONTEXT, newAccount(id));
      if (id !== '3') bed.clock.pass(1000); // 3 and 4 are of the same moment
    }
    const all = SYSTEM_CONTEXT.principal;
    const first = await service.list(all, 2, undefined);
    const second = await service.list(all, 2, first.nextCursor ?? undefined);
    const third = await service.list(all, 2, second.nextCursor ?? undefined);
    expect([first, second, third].map((page) => page.items.map(({ id }) => id))).toEqual([['5', '4'], ['3', '2'], ['1']]);
    expect(third.nextCursor).toBeNull();
    const limited = await service.list({ ...all, accountIds: ['2', '9'] }, 50, undefined);
    expect(limited.items.map(({ id }) => id)).toEqual(['2']);
  });

  it('does not let a limited administrator make an account beyond the limit', async () => {
    const { service } = wired(NEW_KEY);
    const ctx: RequestContext = { ...SYSTEM_CONTEXT, principal: { actor: 'a', role: 'admin', accountIds: ['1'] } };
    await expect(service.create(ctx, newAccount('2'))).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(service.create(ctx, newAccount('1'))).resolves.toMatchObject({ id: '1', status: 'active' });
  });

  it('sees its own change at once, and forgets what Graph said of a token that was replaced', async () => {
    const { service, directory } = wired(NEW_KEY);
    await service.create(SYSTEM_CONTEXT, newAccount('1', { tokenExpiresAt: new Date(bed.clock.at.getTime() + 86_400_000) }));
    const mark = (token: string, status: 'valid' | 'invalid' = 'valid') =>
      bed.database.transactions.run((tx) => bed.repository.markTokenStatus(tx, '1', { tokenHash: accessTokenHash(token), status, calledAt: bed.clock.at }));
    await mark(SECRETS.accessToken);
    expect((await service.get('1')).tokenStatus).toBe('expiring');
    expect((await directory.find('1'))?.username).toBe('shop1');

    bed.clock.pass(1000);
    await service.update(SYSTEM_CONTEXT, '1', { accessToken: 'another', username: 'renamed' });
    expect(await directory.find('1')).toMatchObject({ username: 'renamed', tokenStatus: 'unknown', tokenExpiresAt: null });
    // Called after the change, by an instance that still had the former token in memory.
    bed.clock.pass(500);
    await mark(SECRETS.accessToken, 'invalid');
    expect((await service.get('1')).tokenStatus).toBe('unknown');
    await mark('another');
    expect((await service.get('1')).tokenStatus).toBe('valid');
    const overtaken = bed.clock.at;
    bed.clock.pass(1000);
    await mark('another');
    bed.clock.at = overtaken;
    await mark('another', 'invalid');
    expect((await service.get('1')).tokenStatus).toBe('valid');
  });

  it('says of a dead token that a send has met how to learn why, before it asks for a new one', async () => {
    const { service } = wired(NEW_KEY);
    await service.create(SYSTEM_CONTEXT, newAccount('1'));
    const news = { tokenHash: accessTokenHash(SECRETS.accessToken), status: 'invalid', calledAt: bed.clock.at } as const;
    await bed.database.transactions.run((tx) => bed.repository.markTokenStatus(tx, '1', news));
    expect((await service.get('1')).problems.map(({ message }) => message)).toEqual([
      'Instagram no longer accepts the access token. Verify the account to see why: its owner may only have to log in. Else generate a new one in Meta’s dashboard and PATCH the account with it.',
    ]);
  });

  it('loads what it does not know in one go, and remembers who does not exist', async () => {
    const { service, directory } = wired(NEW_KEY);
    await service.create(SYSTEM_CONTEXT, newAccount('1'));
    await service.create(SYSTEM_CONTEXT, newAccount('2'));
    expect([...(await directory.findMany(['1', '2', '3', '1'])).keys()]).toEqual(['1', '2']);
    expect(await directory.find('3')).toBeNull();
    await service.create(SYSTEM_CONTEXT, newAccount('3'));
    expect(await directory.find('3')).not.toBeNull();
    expect((await directory.findByUsername('SHOP2'))?.id).toBe('2');
  });

  it('takes an account’s rows with it, in pieces, and nobody else’s', async () => {
    const { service, deletion, directory } = wired(NEW_KEY);
    for (const id of ['1', '2']) {
      await service.create(SYSTEM_CONTEXT, newAccount(id));
      await bed.database.dataSource.query(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
         INSERT INTO messages (account_id, id, conversation_id, position, direction, kind, status, created_at)
         SELECT ?, 'm' || i, 'c', i, 'inbound', 'text', 'received', '2026-01-01 00:00:00.000' FROM n`,
        [id],
      );
    }
    await deletion.execute(SYSTEM_CONTEXT, '1');
    expect(await directory.find('1')).toBeNull();
    await expect(deletion.execute(SYSTEM_CONTEXT, '1')).rejects.toMatchObject({ kind: 'not_found' });
    const left = await bed.database.dataSource.query('SELECT account_id, COUNT(*) AS n FROM messages GROUP BY account_id');
    expect(left).toEqual([{ account_id: '2', n: 2500 }]);
    await expect(service.create(SYSTEM_CONTEXT, newAccount('1'))).resolves.toMatchObject({ id: '1' });
  });
});
