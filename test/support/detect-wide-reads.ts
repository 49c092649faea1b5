import type { EntityManager } from 'typeorm';
import { SqlRepository } from '../../src/database/sql-repository.js';
import { Tx } from '../../src/database/tx.js';

/** Tables that hold thousands or millions of rows of one account. */
const LARGE = new Set([
  'webhook_events', 'messages', 'conversations', 'outbox_messages', 'failed_sends', 'idempotency_keys', 'early_changes', 'rule_cooldowns', 'audit_log', 'unrouted_events',
]);
/** The longer the list, the cheaper SQLite takes everything else to be. */
const LONG_LIST = `IN (${Array<string>(200).fill('?').join(', ')})`;

interface Connection {
  prepare(sql: string): { all(...values: unknown[]): Record<string, string>[] };
}

/**
 * In every test on SQLite, whatever a repository asks: it must not read through all rows of an account, or of a table, to find
 * some. SQLite keeps no counts of its rows, and on the tables of a test, or of a young shop, nobody would notice.
 */
function detectWideReads(): void {
  const seen = new Set<string>();
  const repository = SqlRepository.prototype as unknown as Record<'select' | 'execute', (tx: Tx, sql: string, ...rest: unknown[]) => Promise<unknown>>;
  for (const method of ['select', 'execute'] as const) {
    const original = repository[method];
    repository[method] = async function (this: object, tx, sql, ...rest) {
      const stretched = sql.replace(/\bIN \(\?(?:, ?\?)*\)/g, LONG_LIST);
      // A repository of the tests themselves may.
      if (!seen.has(stretched) && !('readsWidely' in this.constructor)) {
        seen.add(stretched);
        const wide = wideReads(Tx.managerOf(tx), stretched);
        if (wide.length > 0) throw new Error(`reads through a large table (${wide.join('; ')}): ${sql}`);
      }
      return await original.call(this, tx, sql, ...rest);
    };
  }
}

function wideReads(manager: EntityManager, sql: string): string[] {
  const { driver } = manager.dataSource as unknown as { driver: { databaseConnection?: Connection } };
  // What has a limit goes along its index until that is reached. An account's own row goes when nothing refers to it any more.
  if (driver.databaseConnection === undefined || /\bLIMIT\b|^\s*INSERT|^DELETE FROM instagram_business_accounts/.test(sql)) return [];
  const connection = driver.databaseConnection;
  const ask = (text: string) => connection.prepare(text).all(...Array<null>(text.split('?').length - 1).fill(null));
  return ask(`EXPLAIN QUERY PLAN ${sql}`).flatMap(({ detail = '' }) => {
    const index = /^(?:SCAN|SEARCH) \w+ USING (?:COVERING )?INDEX (\w+)(?: \(account_id=\?\))?$/.exec(detail)?.[1];
    const table = index === undefined ? /^SCAN (\w+)$/.exec(detail)?.[1] : ask(`SELECT tbl_name FROM sqlite_master WHERE name = '${index}'`)[0]?.tbl_name;
    return table !== undefined && LARGE.has(table) ? [detail] : [];
  });
}

detectWideReads();
