import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import type { DataSource } from 'typeorm';
import { MIGRATIONS } from '../migrations/index.js';
import { Dialect, migrate, openDataSource, type TransactionRunner } from '../src/database/index.js';
import { PooledTransactionRunner, SerialTransactionRunner } from '../src/database/typeorm-transaction-runner.js';
import { insertAccount } from './support/account-row.js';
import { eachDatabase } from './support/databases.js';
import { EventRows } from './support/event-rows.js';

const ACCOUNT = '17';

eachDatabase((database) => {
  let dataSource: DataSource;
  let transactions: TransactionRunner;
  let events: EventRows;

  beforeAll(async () => {
    const opened = await openDataSource(database.settings(), { entities: [], migrations: MIGRATIONS });
    dataSource = opened.dataSource;
    await migrate(dataSource, opened.kind);
    const dialect = new Dialect(opened.kind);
    transactions = dialect.isSqlite
      ? new SerialTransactionRunner(dataSource, dialect)
      : new PooledTransactionRunner(dataSource, dialect);
    events = new EventRows(dialect);
    await insertAccount(dataSource, ACCOUNT);
  });

  beforeEach(async () => {
    await transactions.run((tx) => events.clear(tx));
  });

  afterAll(async () => {
    await dataSource.destroy();
  });

  const stored = () => transactions.read((tx) => events.keys(tx, ACCOUNT));

  it('keeps 200 transactions at once apart: what commits stays, what fails leaves nothing', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 200 }, (_, i) =>
        transactions.run(async (tx) => {
          await events.insert(tx, ACCOUNT, [`${String(i)}-a`]);
          await events.insert(tx, ACCOUNT, [`${String(i)}-b`]);
          if (i % 2 === 1) throw new Error('rolled back on purpose');
        }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(100);
    const kept = Array.from({ length: 100 }, (_, i) => [`${String(2 * i)}-a`, `${String(2 * i)}-b`]).flat();
    expect(await stored()).toEqual(kept.sort());
  });

  it('neither shows an open transaction to others nor takes their writes down with it', async () => {
    const wrote = signal();
    const others = signal();
    const failing = transactions.run(async (tx) => {
      await events.insert(tx, ACCOUNT, ['open']);
      wrote.give();
      await others.given;
      throw new Error('rolled back on purpose');
    });
    await wrote.given;
    const reading = stored();
    const writing = transactions.run((tx) => events.insert(tx, ACCOUNT, ['beside']));
    others.give(); // On SQLite the two wait in line until now.
    await expect(failing).rejects.toThrow('on purpose');
    await writing;
    expect(await reading).not.toContain('open');
    expect(await stored()).toEqual(['beside']);
  });

  it('refuses a unit of work inside another one, and goes on working', async () => {
    const nested = transactions.run(() => transactions.run(async () => undefined));
    await expect(nested).rejects.toThrow('inside another one');
    const reading = transactions.run(() => stored());
    await expect(reading).rejects.toThrow('inside another one');
    await transactions.run((tx) => events.insert(tx, ACCOUNT, ['after']));
    expect(await stored()).toEqual(['after']);
  });

  it('rings after the commit only, and lets what rings start its own work', async () => {
    const rung: string[] = [];
    const follow = signal();
    await transactions.run(async (tx) => {
      tx.afterCommit(() => {
        rung.push('committed');
        void transactions.run((next) => events.insert(next, ACCOUNT, ['follow'])).then(follow.give);
      });
      await events.insert(tx, ACCOUNT, ['first']);
      expect(rung).toEqual([]);
    });
    const failing = transactions.run(async (tx) => {
      tx.afterCommit(() => rung.push('rolled back'));
      throw new Error('on purpose');
    });
    await expect(failing).rejects.toThrow('on purpose');
    await follow.given;
    expect(rung).toEqual(['committed']);
    expect(await stored()).toEqual(['first', 'follow']);
  });

  it('does not let an ended transaction be used', async () => {
    const tx = await transactions.run(async (open) => open);
    await expect(events.keys(tx, ACCOUNT)).rejects.toThrow('ended');
  });

  it('loses no row when several writers insert the same keys', async () => {
    // Each of four writers brings every key, in batches of its own order: the keys race, the rows must not.
    const keys = Array.from({ length: 2000 }, (_, i) => `key-${String(i).padStart(5, '0')}`);
    const writers = [0, 1, 2, 3].map(async (writer) => {
      const mine = [...keys.slice(writer * 500), ...keys.slice(0, writer * 500)];
      for (let from = 0; from < mine.length; from += 50) {
        const batch = mine.slice(from, from + 50).sort();
        await transactions.run((tx) => events.insertIgnoringDuplicates(tx, ACCOUNT, batch));
        const found = await transactions.read((tx) => events.count(tx, ACCOUNT, batch));
        expect(found).toBe(batch.length);
      }
    });
    await Promise.all(writers);
    expect(await stored()).toEqual(keys);
  });

  if (database.name === 'SQLite') {
    it('waits for another process that is writing', async () => {
      const other = new Database(String(dataSource.options.database));
      other.exec('BEGIN IMMEDIATE');
      const writing = transactions.run((tx) => events.insert(tx, ACCOUNT, ['waited']));
      const released = new Promise<void>((resolve) => {
        setTimeout(() => {
          other.exec('COMMIT');
          other.close();
          resolve();
        }, 150);
      });
      await Promise.all([writing, released]);
      expect(await stored()).toEqual(['waited']);
    });

    it('is durable: WAL with a sync at every commit', async () => {
      expect(await dataSource.query('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
      expect(await dataSource.query('PRAGMA synchronous')).toEqual([{ synchronous: 2 }]);
    });
  } else {
    describe('on a server', () => {
      it('starts a deadlocked transaction again', async () => {
        const both = [signal(), signal()] as const;
        const attempts = [0, 0];
        const locker = (me: 0 | 1) =>
          transactions.run(async (tx) => {
            attempts[me]!++;
            await events.lockLane(tx, me);
            both[me].give();
            await both[1 - me]!.given;
            await events.lockLane(tx, 1 - me);
          });
        await Promise.all([locker(0), locker(1)]);
        expect(attempts[0]! + attempts[1]!).toBeGreaterThan(2);
      });

      it('reads what is committed, on every connection of the pool', async () => {
        const levels = await Promise.all(
          Array.from({ length: 16 }, () => transactions.run((tx) => events.isolationLevel(tx))),
        );
        expect(new Set(levels)).toEqual(new Set(['READ-COMMITTED']));
      });
    });
  }
});

function signal(): { given: Promise<void>; give: () => void } {
  let give: () => void = () => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give };
}
