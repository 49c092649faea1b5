import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { insertAccount } from '../../test/support/account-row.js';
import { openTestDatabase, type TestDatabaseHandle } from '../../test/support/database.js';
import type { CareResult, ClaimedCare } from './account-care.js';
import { AccountCareRepository } from './account-care.repository.js';
import { AccountEntity } from './account.entity.js';

const NOW = new Date('2026-03-01T10:00:00.000Z');
const inMinutes = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);

describe('account care on a database', () => {
  let database: TestDatabaseHandle;
  let care: AccountCareRepository;

  beforeAll(async () => {
    database = await openTestDatabase([AccountEntity]);
    care = new AccountCareRepository(database.dialect);
    for (const id of ['1', '2']) await insertAccount(database.dataSource, id);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.dataSource.query('DELETE FROM account_care');
    for (const id of ['1', '2']) await database.transactions.run((tx) => care.insertAll(tx, id, NOW));
  });

  const claim = (now: Date, limit = 10) => database.transactions.run((tx) => care.claimDue(tx, now, new Date(now.getTime() + 60_000), limit));
  const finish = (one: ClaimedCare, result: CareResult, now = NOW) => database.transactions.run((tx) => care.finish(tx, one, result, now));
  const problems = async (id: string) => (await database.transactions.read((tx) => care.listProblems(tx, [id]))).get(id) ?? [];
  const names = (claims: readonly ClaimedCare[]) => claims.map(({ accountId, task }) => `${accountId} ${task}`).sort();

  it('gives a task to one at a time, and to another when that one has not come back', async () => {
    expect(names(await claim(NOW, 3)).length + names(await claim(NOW, 3)).length).toBe(4);
    expect(await claim(inMinutes(0.9))).toEqual([]);
    expect(names(await claim(inMinutes(1)))).toEqual(['1 subscription', '1 token', '2 subscription', '2 token']);
  });

  it('remembers what the task wrote down, and since when there is a problem', async () => {
    const [first] = await claim(NOW, 1);
    expect(first).toMatchObject({ failures: 0, problem: null, detail: null });
    await finish(first!, { dueAt: inMinutes(5), failures: 1, problem: 'it is so', detail: '{"a":1}' });
    const again = (await claim(inMinutes(5))).find((one) => names([one])[0] === names([first!])[0]);
    expect(again).toMatchObject({ failures: 1, problem: 'it is so', detail: '{"a":1}' });
    await finish(again!, { dueAt: inMinutes(10), failures: 2, problem: 'it is still so' }, inMinutes(5));
    expect(await problems(first!.accountId)).toEqual([{ about: first!.task, message: 'it is still so', since: NOW }]);
    const last = (await claim(inMinutes(10))).find((one) => names([one])[0] === names([first!])[0]);
    expect(last).toMatchObject({ detail: '{"a":1}' });
    await finish(last!, { dueAt: inMinutes(99), failures: 0, problem: null });
    expect(await problems(first!.accountId)).toEqual([]);
  });

  it('drops the result of a task that was restarted or taken over meanwhile', async () => {
    const claims = await claim(NOW);
    const done: CareResult = { dueAt: inMinutes(60), failures: 1, problem: 'outdated' };
    await database.transactions.run((tx) => care.restart(tx, '1', ['token', 'subscription'], inMinutes(0.5)));
    for (const one of claims.filter(({ accountId }) => accountId === '1')) expect(await finish(one, done)).toBe(false);
    expect(names(await claim(inMinutes(0.5)))).toEqual(['1 subscription', '1 token']);
    await claim(inMinutes(1)); // the ones of account 2 were never finished
    for (const one of claims.filter(({ accountId }) => accountId === '2')) expect(await finish(one, done)).toBe(false);
    expect([...(await problems('1')), ...(await problems('2'))]).toEqual([]);
  });
});
