import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { insertAccount } from '../../test/support/account-row.js';
import { openTestDatabase, type TestDatabaseHandle } from '../../test/support/database.js';
import type { EarlyChange } from './early-change.js';
import { EarlyChangeRepository } from './early-change.repository.js';
import { EarlyChanges } from './early-changes.js';
import { MessageRepository } from './message.repository.js';
import type { MessageRow } from './message.js';

const AT = new Date('2026-11-24T10:00:00.000Z');
const change = (externalKey: string, dedupeKey: string, accountId = '1'): EarlyChange =>
  ({ accountId, externalKey, dedupeKey, change: { kind: 'read', at: AT } });

describe('early changes', () => {
  let database: TestDatabaseHandle;
  let repository: EarlyChangeRepository;
  let messages: MessageRepository;
  beforeEach(async () => {
    database = await openTestDatabase([]);
    for (const id of ['1', '2']) await insertAccount(database.dataSource, id);
    repository = new EarlyChangeRepository(database.dialect);
    messages = new MessageRepository(database.dialect);
  });
  afterEach(async () => {
    await database.close();
  });

  const keep = (...changes: EarlyChange[]) => database.transactions.run((tx) => repository.insertMany(tx, changes, AT));
  const kept = async () => (await database.dataSource.query<{ account_id: string; dedupe_key: string }[]>('SELECT * FROM early_changes ORDER BY account_id, dedupe_key'))
    .map((row) => `${row.account_id} ${row.dedupe_key}`);

  it('are kept once, and taken away one by one', async () => {
    await keep(change('m', 'a'), change('m', 'b'), change('m', 'a'), change('n', 'c'), change('m', 'a', '2'));
    await keep(change('m', 'a'));
    await database.transactions.run((tx) => repository.deleteMany(tx, [change('m', 'a'), change('n', 'c')]));
    // Another of the same message, come meanwhile, and another account's.
    expect(await kept()).toEqual(['1 b', '2 a']);
  });

  it('are applied when their message is there, and wait where it is not', async () => {
    await keep(change('m', 'a'), change('n', 'b'), change('m', 'a', '2'));
    const message: MessageRow = {
      accountId: '1', id: 'id', conversationId: '1:2', position: 1, direction: 'outbound', kind: 'text', text: 'hi', attachments: [], externalId: 'm',
      externalKey: 'm', ruleId: null, status: 'sent', error: null, reactions: [], details: null, readAt: null, editedAt: null, deletedAt: null,
      sentAt: AT, createdAt: AT,
    };
    await database.transactions.run(async (tx) => {
      await messages.insertMany(tx, [message]);
      const keys = [{ accountId: '1', externalKey: 'm' }, { accountId: '1', externalKey: 'n' }, { accountId: '1', externalKey: 'other' }];
      await new EarlyChanges(repository, messages).settle(tx, keys);
    });
    expect(await database.transactions.read((tx) => messages.get(tx, '1', 'id'))).toEqual({ ...message, readAt: AT });
    expect(await kept()).toEqual(['1 b', '2 a']);
  });
});
