import { Injectable } from '@nestjs/common';
import { Dialect, placeholders, rowsPerStatement, SqlRepository, type SqlValue, type Tx } from '../../database/index.js';
import { laneOf } from '../lanes.js';
import { groupBy } from '../group-by.js';
import { isToBeApplied, keyOf, NO_ANSWER, type DueEvent, type NewInboxEvent, type NewUnroutedEvent, type SettledEvent } from './inbox-event.js';

const COLUMNS = [
  'account_id', 'dedupe_key', 'kind', 'pending_lane', 'conversation_id', 'status', 'attempts', 'occurred_at', 'received_at',
  'processed_at', 'payload', 'decision',
] as const;
const UNROUTED_COLUMNS = ['dedupe_key', 'kind', 'reason', 'occurred_at', 'received_at', 'payload'] as const;
/** A statement is sent as text: this many characters of payload at most, so that it stays below what servers take. */
const CHARACTERS_PER_STATEMENT = 4 * 1024 * 1024;
/** Pairs in one look-up. */
const PIECE = 200;
/** Rows in one `CASE`: for each, a server goes through the cases until it finds it. */
const CASES_AT_ONCE = 50;

/** Writing to the inbox, and settling what is in it. Lanes cut across accounts, so every write names the account too. */
@Injectable()
export class InboxEventRepository extends SqlRepository {
  constructor(dialect: Dialect) {
    super(dialect);
  }

  /** Which of `events` are stored already, as `keyOf` has them. Takes no lock. */
  async findKnown(tx: Tx, events: readonly NewInboxEvent[]): Promise<Set<string>> {
    const known = new Set<string>();
    for (let from = 0; from < events.length; from += PIECE) {
      const groups = groupBy(events.slice(from, from + PIECE), (event) => event.accountId);
      const parameters: SqlValue[] = [];
      const conditions: string[] = [];
      for (const [accountId, group] of groups) {
        conditions.push(`(account_id = ? AND dedupe_key IN (${placeholders(group.length)}))`);
        parameters.push(accountId, ...group.map((event) => event.dedupeKey));
      }
      const rows = await this.select<{ account_id: string; dedupe_key: string }>(
        tx, `SELECT account_id, dedupe_key FROM webhook_events${this.dialect.along('ux_webhook_events_dedupe')} WHERE ${conditions.join(' OR ')}`, parameters,
      );
      for (const row of rows) known.add(keyOf({ accountId: row.account_id, dedupeKey: row.dedupe_key }));
    }
    return known;
  }

  /**
   * Insert-or-ignore; the keys must differ from one another. In the order given, not sorted by key: ids grow in the order
   * of arrival, which decides between events of the same millisecond. (The same delivery from two writers is in the same
   * order in both, so they wait for each other rather than deadlock.)
   */
  async insertMany(tx: Tx, events: readonly NewInboxEvent[]): Promise<void> {
    const { dialect } = this;
    for (const piece of bySize(events)) {
      await this.insertRows(tx, 'webhook_events', COLUMNS, piece.map((event) => {
        const lane = isToBeApplied(event) ? laneOf(event.laneKey) : null;
        const settled = lane === null;
        return [
          event.accountId, event.dedupeKey, event.kind,
          lane, event.conversationId,
          settled ? 'ignored' : 'pending', 0, dialect.time(event.occurredAt), dialect.time(event.receivedAt),
          settled ? dialect.time(event.receivedAt) : null, event.payload,
          settled ? JSON.stringify(NO_ANSWER(event.ignoredBecause ?? 'there is nothing to apply it to')) : null,
        ];
      }), dialect.ignoreDuplicates(['dedupe_key', 'account_id']));
    }
  }

  async insertUnrouted(tx: Tx, events: readonly NewUnroutedEvent[]): Promise<void> {
    const { dialect } = this;
    const distinct = [...new Map(events.map((event) => [event.dedupeKey, event])).values()];
    for (const piece of bySize(distinct)) {
      await this.insertRows(tx, 'unrouted_events', UNROUTED_COLUMNS, piece.map((event) => [
        event.dedupeKey, event.kind, event.reason, dialect.time(event.occurredAt), dialect.time(event.receivedAt), event.payload,
      ]), dialect.ignoreDuplicates(['dedupe_key']));
    }
  }

  /** Marks events done. Fails, and so undoes everything, if one of them is no longer waiting: it was applied elsewhere. */
  async markSettled(tx: Tx, settled: readonly SettledEvent[], now: Date): Promise<void> {
    for (const status of ['processed', 'ignored'] as const) {
      const all = settled.filter((item) => item.status === status);
      for (let from = 0; from < all.length; from += CASES_AT_ONCE) await this.settlePiece(tx, status, all.slice(from, from + CASES_AT_ONCE), now);
    }
  }

  private async settlePiece(tx: Tx, status: string, piece: readonly SettledEvent[], now: Date): Promise<void> {
    const ids = piece.map((item) => item.event.id);
    const accounts = [...new Set(piece.map((item) => item.event.accountId))];
    const decided = piece.filter((item) => item.decision !== null);
    const decision = decided.length === 0 ? '' : `, decision = CASE id ${'WHEN ? THEN ? '.repeat(decided.length)}ELSE decision END`;
    const changed = await this.execute(
      tx,
      `UPDATE webhook_events${this.dialect.byPrimaryKey} SET status = ?, pending_lane = NULL, next_attempt_at = NULL, error = NULL,
       attempts = attempts + 1, processed_at = ?${decision}
       WHERE id IN (${placeholders(ids.length)}) AND account_id IN (${placeholders(accounts.length)}) AND pending_lane IS NOT NULL`,
      [
        status, this.dialect.time(now), ...decided.flatMap((item) => [item.event.id, JSON.stringify(item.decision)]),
        ...ids, ...accounts,
      ],
    );
    if (changed !== piece.length) throw new Error(`${String(piece.length - changed)} events were settled by somebody else`);
  }

  /** An attempt failed: try again at `nextAttemptAt`, or, where that is null, never again by itself. */
  async markFailed(tx: Tx, event: DueEvent, error: string, nextAttemptAt: Date | null, now: Date): Promise<void> {
    await this.execute(
      tx,
      `UPDATE webhook_events SET attempts = attempts + 1, error = ?, next_attempt_at = ?, status = ?,
       pending_lane = ${nextAttemptAt ? 'pending_lane' : 'NULL'}, processed_at = ?
       WHERE id = ? AND account_id = ? AND pending_lane IS NOT NULL`,
      [
        error, this.dialect.time(nextAttemptAt), nextAttemptAt ? 'pending' : 'dead', nextAttemptAt ? null : this.dialect.time(now),
        event.id, event.accountId,
      ],
    );
  }
}

/** Whether `insertMany` makes one statement of these. */
export function fitsOneInsert(events: Iterable<NewInboxEvent>): boolean {
  let count = 0;
  let size = 0;
  for (const event of events) {
    count++;
    size += event.payload.length;
  }
  return count <= rowsPerStatement(COLUMNS.length) && size <= CHARACTERS_PER_STATEMENT;
}

function* bySize<Item extends { readonly payload: string }>(items: readonly Item[]): Generator<Item[]> {
  let piece: Item[] = [];
  let size = 0;
  for (const item of items) {
    if (piece.length > 0 && size + item.payload.length > CHARACTERS_PER_STATEMENT) {
      yield piece;
      piece = [];
      size = 0;
    }
    piece.push(item);
    size += item.payload.length;
  }
  if (piece.length > 0) yield piece;
}
