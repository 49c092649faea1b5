import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { insertAccount } from '../../../test/support/account-row.js';
import { openTestDatabase, type TestDatabaseHandle } from '../../../test/support/database.js';
import { AccountEntity } from '../../accounts/index.js';
import { firstIdAt } from '../../common/new-id.js';
import { SentPrivateReplyRepository } from './sent-private-reply.repository.js';

const SHOP = '1';
const OTHER = '2';
const NOW = Date.parse('2026-11-01T12:00:00.000Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const minutesAgo = (minutes: number) => new Date(NOW - minutes * MINUTE);
const PRIVATE = { details: '{"commentId":"17900000000000001"}' };

describe('private replies that went out', () => {
  let database: TestDatabaseHandle;
  let made = 0;

  beforeAll(async () => {
    database = await openTestDatabase([AccountEntity]);
    for (const id of [SHOP, OTHER]) await insertAccount(database.dataSource, id);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.dataSource.query('DELETE FROM messages');
  });

  /** As many minutes ago as said. */
  async function message(row: { made: number; sent: number | null; account?: string; direction?: string; details?: string | null }): Promise<void> {
    const { account = SHOP, direction = 'outbound', details = null } = row;
    made += 1;
    const id = `${firstIdAt(minutesAgo(row.made))}7000-8000-${String(made).padStart(12, '0')}`;
    const at = (minutes: number) => database.dialect.time(minutesAgo(minutes));
    await database.dataSource.query(
      `INSERT INTO messages (account_id, id, conversation_id, position, direction, kind, status, details, sent_at, created_at)
       VALUES (?, ?, 'c', ?, ?, 'text', 'sent', ?, ?, ?)`,
      [account, id, made, direction, details, row.sent === null ? null : at(row.sent), at(row.made)],
    );
  }
  const list = () => database.transactions.read((tx) => new SentPrivateReplyRepository(database.dialect).list(tx, SHOP, new Date(NOW - HOUR)));

  it('are those of the account that went out since then, whenever they were queued within a day before', async () => {
    await message({ made: 5, sent: 4, ...PRIVATE });
    await message({ made: 20 * 60, sent: 59, ...PRIVATE });
    expect((await list()).sort()).toEqual([minutesAgo(59), minutesAgo(4)].sort());
  });

  it('are nothing else', async () => {
    await message({ made: 70, sent: 61, ...PRIVATE });
    await message({ made: 5, sent: null, ...PRIVATE });
    await message({ made: 5, sent: 4, details: '{"quickReplies":[{"title":"commentId"}]}' });
    await message({ made: 5, sent: 4 });
    await message({ made: 5, sent: 4, direction: 'inbound', ...PRIVATE });
    await message({ made: 5, sent: 4, account: OTHER, ...PRIVATE });
    expect(await list()).toEqual([]);
  });

  it('are looked for among the newest messages alone, where there are very many', async () => {
    await message({ made: 12 * 60, sent: 50, ...PRIVATE });
    await message({ made: 5, sent: 4, ...PRIVATE });
    const many = (count: number) => database.dataSource.query(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO messages (account_id, id, conversation_id, position, direction, kind, status, created_at)
       SELECT ?, ? || printf('%04d-8000-%012d', ?, i), 'c', i, 'inbound', 'text', 'received', '2026-11-01 00:00:00.000' FROM n`,
      [count, SHOP, firstIdAt(minutesAgo(10)), count],
    );
    await many(15_000);
    expect(await list()).toHaveLength(2);
    await many(6_000);
    expect(await list()).toEqual([minutesAgo(4)]);
  });
});
