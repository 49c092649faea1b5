import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AccountsBed, NEW_KEY, newAccount, OLD_KEY, SECRETS } from '../../test/support/accounts-bed.js';
import { SYSTEM_CONTEXT } from '../common/request-context.js';
import { CredentialsUnreadableError } from './accounts.errors.js';

describe('credentials on a database', () => {
  let bed: AccountsBed;
  const wired = (key: string, previous: string[] = []) => bed.wired(key, previous);

  beforeAll(async () => {
    bed = await AccountsBed.open();
  });
  afterAll(() => bed.close());
  beforeEach(() => bed.empty());

  it('stores no secret in clear, and gives none out but the verify token', async () => {
    const { service, directory } = wired(NEW_KEY);
    const account = await service.create(SYSTEM_CONTEXT, newAccount('1', { webhookVerifyToken: 'verify-me-in-clear' }));
    await service.update(SYSTEM_CONTEXT, '1', { accessToken: 'IGAA-second-in-clear' });

    expect(JSON.stringify(account)).not.toMatch(/IGAA|app-secret/);
    const files = readdirSync(bed.database.folder).map((name) => readFileSync(join(bed.database.folder, name), 'latin1'));
    expect(files.join('')).not.toContain('in-clear');
    expect(files.join('')).toContain('shop1');
    expect(await directory.accessToken('1')).toBe('IGAA-second-in-clear');
    expect(await directory.appSecret('1')).toBe(SECRETS.appSecret);
    expect(await directory.allAppSecrets()).toEqual([SECRETS.appSecret]);
  });

  it('does not open a credential that was moved to another account or column', async () => {
    const { service, directory } = wired(NEW_KEY);
    await service.create(SYSTEM_CONTEXT, newAccount('1'));
    await service.create(SYSTEM_CONTEXT, newAccount('2'));
    await bed.database.dataSource.query(
      "UPDATE instagram_business_accounts SET access_token = (SELECT access_token FROM instagram_business_accounts WHERE id = '1'), app_secret = access_token WHERE id = '2'",
    );
    for (const credential of [directory.accessToken('2'), directory.appSecret('2')]) {
      await expect(credential).rejects.toMatchObject({ kind: 'unavailable', cause: { message: expect.stringContaining('was moved') } });
    }
  });

  it('shows an account whose credentials do not open among the others, and takes new ones for those alone', async () => {
    for (const id of ['1', '2']) await wired(OLD_KEY).service.create(SYSTEM_CONTEXT, newAccount(id, { webhookVerifyToken: 'of both' }));
    await bed.database.dataSource.query("UPDATE instagram_business_accounts SET app_secret = 'damaged', token_status = 'valid' WHERE id = '2'");
    const { service, directory } = wired(OLD_KEY);
    const { items } = await service.list(SYSTEM_CONTEXT.principal, 50, undefined);
    expect(items.map(({ id, problems }) => [id, problems.map(({ about }) => about)]).sort()).toEqual([['1', []], ['2', ['credentials']]]);
    await expect(directory.appSecret('2')).rejects.toMatchObject({ kind: 'unavailable', message: expect.stringContaining('account 2') });
    expect(await directory.allAppSecrets()).toEqual([SECRETS.appSecret]);
    expect(await directory.listOfSameApp('2')).toEqual(['2']);
    await bed.database.dataSource.query("UPDATE instagram_business_accounts SET webhook_verify_token = 'damaged' WHERE id = '1'");
    expect((await service.get('1')).webhookVerifyToken).toBeNull();
    expect(await directory.matchesAnyVerifyToken('of both')).toBe(true);
    await expect(service.update(SYSTEM_CONTEXT, '2', { status: 'inactive' })).resolves.toMatchObject({ status: 'inactive' });
    await expect(service.update(SYSTEM_CONTEXT, '2', { accessToken: 'IGAA-new' })).rejects.toMatchObject({ kind: 'conflict', message: expect.stringMatching(/^appSecret: /) });
    // Sealed with the others, it kept the token from being renewed.
    await bed.database.dataSource.query("UPDATE account_care SET failures = 4, problem = 'not renewed', problem_since = ? WHERE account_id = '2' AND task = 'token'", ['2026-03-01 09:00:00.000']);
    const cured = await service.update(SYSTEM_CONTEXT, '2', { appSecret: 'another' });
    expect(cured).toMatchObject({ webhookVerifyToken: 'of both', tokenStatus: 'valid', problems: [] });
    expect([await directory.appSecret('2'), await directory.accessToken('2')]).toEqual(['another', SECRETS.accessToken]);
    const changes = await bed.database.dataSource.query("SELECT changes FROM audit_log WHERE account_id = '2' ORDER BY id DESC LIMIT 1");
    expect(JSON.parse(changes[0].changes)).toEqual({ appSecret: 'changed' });
  });

  it('stops the start when the key does not open what is stored', async () => {
    await wired(OLD_KEY).service.create(SYSTEM_CONTEXT, newAccount('1'));
    await expect(wired(OLD_KEY).check.run()).resolves.toBeUndefined();
    await expect(wired(NEW_KEY, [OLD_KEY]).check.run()).resolves.toBeUndefined();
    await expect(wired(NEW_KEY).check.run()).rejects.toThrow(/^APP_SECRET_KEY does not open .* \(account 1: /);
    // The key is right, the row is not: that stops its account only.
    await bed.database.dataSource.query("UPDATE instagram_business_accounts SET app_secret = 'damaged' WHERE id = '1'");
    await expect(wired(OLD_KEY).check.run()).resolves.toBeUndefined();
  });

  it('seals everything with the newest key, names what it cannot open, and has nothing to do the second time', async () => {
    for (const id of ['1', '2', '3', '4']) await wired(OLD_KEY).service.create(SYSTEM_CONTEXT, newAccount(id));
    await bed.database.dataSource.query("UPDATE instagram_business_accounts SET app_secret = 'damaged' WHERE id = '2'");
    const { rotation, directory } = wired(NEW_KEY, [OLD_KEY]);
    const seen: string[] = [];
    const result = await rotation.execute({ batchSize: 2, onProgress: ({ done, total }) => seen.push(`${String(done)}/${String(total)}`) });
    expect(result).toEqual({ rotated: 3, failed: ['2'], damaged: ['2'], givenUp: [], locked: [], remaining: 1 });
    expect(seen.at(-1)).toBe('4/4');
    expect(await wired(NEW_KEY).directory.accessToken('4')).toBe(SECRETS.accessToken);
    expect(await directory.accessToken('1')).toBe(SECRETS.accessToken);
    expect((await rotation.execute()).rotated).toBe(0);
  });

  it('gives up what a lost key has sealed, and nothing else, so that the service starts and new credentials can be set', async () => {
    for (const id of ['1', '2']) await wired(OLD_KEY).service.create(SYSTEM_CONTEXT, newAccount(id));
    await wired(NEW_KEY).service.create(SYSTEM_CONTEXT, newAccount('3'));
    const { check, rotation, service, directory } = wired(NEW_KEY);
    await expect(check.run()).rejects.toThrow(/does not open/);
    expect(await rotation.execute()).toMatchObject({ rotated: 0, failed: ['1', '2'], givenUp: [], remaining: 2 });
    await expect(check.run()).rejects.toThrow(/does not open/);

    expect(await rotation.execute({ giveUp: true })).toEqual({ rotated: 0, failed: [], damaged: [], givenUp: ['1', '2'], locked: [], remaining: 0 });
    await expect(check.run()).resolves.toBeUndefined();
    await expect(directory.accessToken('1')).rejects.toThrow(CredentialsUnreadableError);
    expect(await directory.accessToken('3')).toBe(SECRETS.accessToken);
    await service.update(SYSTEM_CONTEXT, '1', { ...SECRETS, accessToken: 'IGAA-anew', webhookVerifyToken: 'set-anew' });
    expect(await wired(NEW_KEY).directory.accessToken('1')).toBe('IGAA-anew');
    // The key is found after all: nothing is lost yet of what has not been set anew.
    expect(await wired(NEW_KEY, [OLD_KEY]).directory.accessToken('2')).toBe(SECRETS.accessToken);
  });
});
