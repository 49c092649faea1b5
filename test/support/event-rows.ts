import { placeholders, SqlRepository, type Tx } from '../../src/database/index.js';

const COLUMNS = ['account_id', 'dedupe_key', 'kind', 'status', 'attempts', 'occurred_at', 'received_at', 'payload'];

/** Writes rows of the inbox, the table with a unique key beside an auto-increment one, to try the database itself. */
export class EventRows extends SqlRepository {
  static readonly readsWidely = true;

  async insert(tx: Tx, accountId: string, keys: readonly string[], ending = ''): Promise<void> {
    const at = this.dialect.time(new Date());
    const rows = keys.map((key) => [accountId, key, 'message', 'pending', 0, at, at, '{}']);
    await this.insertRows(tx, 'webhook_events', COLUMNS, rows, ending);
  }

  async insertIgnoringDuplicates(tx: Tx, accountId: string, keys: readonly string[]): Promise<void> {
    await this.insert(tx, accountId, keys, this.dialect.ignoreDuplicates(['account_id', 'dedupe_key']));
  }

  async keys(tx: Tx, accountId: string): Promise<string[]> {
    const rows = await this.select<{ dedupe_key: string }>(
      tx, 'SELECT dedupe_key FROM webhook_events WHERE account_id = ? ORDER BY dedupe_key', [accountId],
    );
    return rows.map((row) => row.dedupe_key);
  }

  async count(tx: Tx, accountId: string, keys: readonly string[]): Promise<number> {
    const rows = await this.select<{ n: number }>(
      tx,
      `SELECT COUNT(*) AS n FROM webhook_events WHERE account_id = ? AND dedupe_key IN (${placeholders(keys.length)})`,
      [accountId, ...keys],
    );
    return Number(rows[0]?.n);
  }

  async clear(tx: Tx): Promise<void> {
    await this.execute(tx, 'DELETE FROM webhook_events');
  }

  async lockLane(tx: Tx, lane: number): Promise<void> {
    await this.select(tx, `SELECT lane FROM inbox_lanes WHERE lane = ?${this.dialect.forUpdate}`, [lane]);
  }

  async isolationLevel(tx: Tx): Promise<string> {
    // MariaDB before 11 calls it by its old name.
    const rows = await this.select<{ Value: string }>(
      tx, `SHOW VARIABLES WHERE Variable_name IN ('transaction_isolation', 'tx_isolation')`,
    );
    return rows[0]?.Value ?? '';
  }
}
