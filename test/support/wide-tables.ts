import type { DataSource } from 'typeorm';
import type { Dialect } from '../../src/database/index.js';
import { insertAccount } from './account-row.js';

/** Has most of everything, and all of it before what others have: who reads the newest of it by the primary key reads theirs first. */
export const LARGE = '1000001';
/** Has the newest half as much. */
export const NEWER = '1000002';
/** Accounts that have a little each. */
export const OTHERS = Array.from({ length: 300 }, (_, index) => String(2_000_000 + index));
export const EARLY_CHANGES = 4_000;
/** The time at which the first row came; each comes a second after the one before. */
const BEGAN = '2026-01-01 00:00:00';
const DIGITS = `(${Array.from({ length: 10 }, (_, digit) => `SELECT ${String(digit)} AS n`).join(' UNION ALL ')})`;
const NUMBERS = `(SELECT ${[1, 10, 100, 1_000, 10_000].map((unit, i) => `d${String(i)}.n * ${String(unit)}`).join(' + ')} AS n FROM ${
  [0, 1, 2, 3, 4].map((i) => `${DIGITS} d${String(i)}`).join(' CROSS JOIN ')}) numbers`;

export function timeOf(index: number): Date {
  return new Date(Date.parse(`${BEGAN.replace(' ', 'T')}Z`) + index * 1_000);
}

/** Tables of which `rows` belong to one account: the database makes them itself, since sending them takes longer than all that is asked of them. */
export class WideTables {
  private readonly at: string;

  constructor(
    private readonly dataSource: DataSource,
    private readonly dialect: Dialect,
    private readonly rows: number,
  ) {
    this.at = dialect.isSqlite ? `strftime('%Y-%m-%d %H:%M:%f', '${BEGAN}', n || ' seconds')` : `TIMESTAMPADD(SECOND, n, '${BEGAN}')`;
  }

  /** All but the inbox's backlog. The counts that the servers keep are of this, as after a quiet night. */
  async fill(): Promise<void> {
    for (const id of [LARGE, NEWER, ...OTHERS]) await insertAccount(this.dataSource, id);
    for (const [account, count] of [[LARGE, this.rows], [NEWER, this.rows / 2]] as const) {
      await this.insert('webhook_events', count, {
        account_id: `'${account}'`, dedupe_key: `CONCAT('event-', n)`, kind: `'message'`, attempts: '0', occurred_at: this.at, received_at: this.at, payload: `'{}'`,
        status: `CASE n % 100 WHEN 0 THEN 'dead' WHEN 1 THEN 'ignored' ELSE 'processed' END`,
      });
      await this.insert('audit_log', count, {
        at: this.at, actor: `'somebody'`, account_id: `'${account}'`, target: `'x'`, changes: `'{}'`, action: `CASE WHEN n % 3 = 0 THEN 'rule.create' ELSE 'account.update' END`,
      });
      await this.insert('conversations', count, {
        id: `CONCAT('${account}:', n)`, account_id: `'${account}'`, participant_id: 'CONCAT(n)', last_message_at: this.at, message_count: '0', automation_paused: '0',
        created_at: this.at, updated_at: this.at,
      });
    }
    await this.send(this.rows, `'${LARGE}'`, 'queued');
    for (const status of ['sending', 'uncertain', 'queued']) await this.send(OTHERS.length, 'CONCAT(2000000 + n)', status);
    await this.insert('early_changes', EARLY_CHANGES, {
      account_id: `'${LARGE}'`, external_key: `CONCAT('message-', n)`, dedupe_key: `CONCAT('event-', n)`, kind: `'read'`, payload: `'{}'`, occurred_at: this.at, created_at: this.at,
    });
    await this.count();
  }

  /** What waits in the inbox, after all else. */
  async fillBacklog(count: number, lane: number): Promise<void> {
    await this.insert('webhook_events', count, {
      account_id: `'${NEWER}'`, dedupe_key: `CONCAT('waits-', n)`, kind: `'message'`, attempts: '0', occurred_at: this.at, received_at: this.at, payload: `'{}'`,
      status: `'pending'`, pending_lane: String(lane),
    });
    await this.count();
  }

  private async send(count: number, account: string, status: string): Promise<void> {
    await this.insert('outbox_messages', count, {
      account_id: account, conversation_id: `CONCAT(${account}, ':', n)`, message_id: `CONCAT('${status}-', n)`, source: `'rule'`, status: `'${status}'`, attempts: '0',
      next_attempt_at: this.at, lookups: '0', request: `'{}'`, created_at: this.at, ...(status === 'queued' ? {} : { attempted_at: this.at }),
    });
  }

  private async insert(table: string, count: number, columns: Readonly<Record<string, string>>): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO ${table} (${Object.keys(columns).join(', ')}) SELECT ${Object.values(columns).join(', ')} FROM ${NUMBERS} WHERE n < ? ORDER BY n`, [count],
    );
  }

  private async count(): Promise<void> {
    if (!this.dialect.isSqlite) await this.dataSource.query('ANALYZE TABLE webhook_events, audit_log, conversations, outbox_messages, early_changes');
  }
}
