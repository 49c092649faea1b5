import { Injectable } from '@nestjs/common';
import { Dialect, placeholders, SqlRepository, type Tx } from '../database/index.js';

export interface QueueDepth {
  /** How many wait, counted up to `COUNT_LIMIT`. */
  readonly depth: number;
  /** Since when the one next in line has waited; null when none does. */
  readonly oldestAt: Date | null;
}

export interface TroubledAccounts {
  readonly token: number;
  readonly subscription: number;
}

/** Sends that were called, and since when the oldest of them is. */
export interface UnsettledSends {
  readonly sending: QueueDepth;
  readonly uncertain: QueueDepth;
}

const ACCOUNTS_AT_ONCE = 400;
/** Beyond this, how much is waiting no longer matters, but counting it would cost the database what it has not got. */
export const COUNT_LIMIT = 100_000;

/**
 * How much waits to be done, over all accounts: for health and metrics, so without an account in the conditions. Each
 * question is answered from an index and stays cheap however long the queue is.
 */
@Injectable()
export class QueueDepthRepository extends SqlRepository {
  constructor(dialect: Dialect) {
    super(dialect);
  }

  async findInbox(tx: Tx): Promise<QueueDepth> {
    const counted = await this.select<{ depth: number | string }>(
      tx,
      `SELECT COUNT(*) AS depth FROM (SELECT id FROM webhook_events WHERE pending_lane IS NOT NULL LIMIT ${String(COUNT_LIMIT)}) waiting`,
    );
    // One probe a lane into (pending_lane, next_attempt_at, id), instead of a sort of all that waits: in the index's whole order,
    // since MySQL does not see that the lane is one.
    const [first] = await this.select<{ oldest: unknown }>(
      tx,
      `SELECT MIN(e.received_at) AS oldest FROM inbox_lanes l JOIN webhook_events e ON e.id = (
         SELECT next.id FROM webhook_events next${this.dialect.along('ix_webhook_events_pending')}
         WHERE next.pending_lane = l.lane ORDER BY next.pending_lane, next.next_attempt_at, next.id LIMIT 1)`,
    );
    return { depth: Number(counted[0]?.depth ?? 0), oldestAt: this.dialect.readTime(first?.oldest) };
  }

  async findOutbox(tx: Tx): Promise<QueueDepth> {
    const counted = await this.select<{ depth: number | string }>(
      tx,
      `SELECT COUNT(*) AS depth FROM (SELECT id FROM outbox_messages LIMIT ${String(COUNT_LIMIT)}) waiting`,
    );
    const [first] = await this.select<{ oldest: unknown }>(
      tx,
      'SELECT created_at AS oldest FROM outbox_messages ORDER BY id LIMIT 1',
    );
    return { depth: Number(counted[0]?.depth ?? 0), oldestAt: this.dialect.readTime(first?.oldest) };
  }

  /** Of the sends that are not settled: those on their way, and those that are looked up; few of each account. */
  async findUnsettled(tx: Tx): Promise<UnsettledSends> {
    const groups = await this.select<{ account_id: string; status: string }>(
      tx, this.dialect.smallestOfEach('outbox_messages', ['account_id', 'status'], 'next_attempt_at', 'earliest'),
    );
    const of = (status: string) => groups.flatMap((group) => (group.status === status ? [group.account_id] : []));
    return { sending: await this.findStanding(tx, 'sending', of('sending')), uncertain: await this.findStanding(tx, 'uncertain', of('uncertain')) };
  }

  private async findStanding(tx: Tx, status: string, accountIds: readonly string[]): Promise<QueueDepth> {
    let depth = 0;
    let oldestAt: Date | null = null;
    for (let from = 0; from < accountIds.length; from += ACCOUNTS_AT_ONCE) {
      const piece = accountIds.slice(from, from + ACCOUNTS_AT_ONCE);
      // Of a list of more than 200 servers no longer count what each has, guess, and read the whole outbox instead.
      const [row] = await this.select<{ depth: number | string; oldest: unknown }>(
        tx,
        `SELECT COUNT(*) AS depth, MIN(attempted_at) AS oldest FROM outbox_messages${this.dialect.along('ix_outbox_due')}
         WHERE account_id IN (${placeholders(piece.length)}) AND status = ?`,
        [...piece, status],
      );
      depth += Number(row?.depth ?? 0);
      const oldest = this.dialect.readTime(row?.oldest);
      if (oldest && (!oldestAt || oldest < oldestAt)) oldestAt = oldest;
    }
    return { depth, oldestAt };
  }

  /** Active accounts whose token Graph has refused: they receive, and cannot answer. */
  async countDeadTokens(tx: Tx): Promise<number> {
    const [row] = await this.select<{ count: number | string }>(
      tx,
      `SELECT COUNT(*) AS count FROM instagram_business_accounts
       WHERE deleted_at IS NULL AND status = 'active' AND token_status = 'invalid'`,
    );
    return Number(row?.count ?? 0);
  }

  /** Active accounts for which Graph wants nothing to be sent at `now`. */
  async countPausedAccounts(tx: Tx, now: Date): Promise<number> {
    const [row] = await this.select<{ count: number | string }>(
      tx,
      `SELECT COUNT(*) AS count FROM instagram_business_accounts
       WHERE deleted_at IS NULL AND status = 'active' AND sending_paused_until > ?`,
      [this.dialect.time(now)],
    );
    return Number(row?.count ?? 0);
  }

  /** Accounts whose token or webhook subscription could not be looked after, the last time it was tried. */
  async countTroubled(tx: Tx): Promise<TroubledAccounts> {
    const rows = await this.select<{ task: keyof TroubledAccounts; count: number | string }>(
      tx,
      'SELECT task, COUNT(*) AS count FROM account_care WHERE problem_since IS NOT NULL AND failures > 0 GROUP BY task',
    );
    const counted = new Map(rows.map((row) => [row.task, Number(row.count)]));
    return { token: counted.get('token') ?? 0, subscription: counted.get('subscription') ?? 0 };
  }
}
