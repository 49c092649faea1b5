import { Injectable } from '@nestjs/common';
import { Dialect, placeholders, SqlRepository, type SqlValue, type Tx } from '../../database/index.js';
import type { Decision, DueEvent } from './inbox-event.js';
import { NewcomerRepository } from './newcomer.repository.js';

/** More waiting conversations than this in one lane: something is wrong everywhere, and nothing new is begun there. */
const BLOCKED_AT_MOST = 1000;
/** Payloads beyond this are not read with the others but one by one, a few in a batch: a batch must fit into memory. */
const SMALL_PAYLOAD = 64 * 1024;
const LARGE_PAYLOADS_PER_BATCH = 8;

const SELECTED = `id, account_id, conversation_id, kind, dedupe_key, attempts, occurred_at, received_at,
  decision, CASE WHEN LENGTH(payload) <= ${String(SMALL_PAYLOAD)} THEN payload END AS payload`;

export interface DueBatch {
  readonly events: DueEvent[];
  /** There may be more that is due. */
  readonly more: boolean;
}

/**
 * Reading lanes. A lane is a hash of the conversation's id, so it holds the events of many accounts: these are the
 * queries that do not name one.
 */
@Injectable()
export class InboxLaneRepository extends SqlRepository {
  private readonly newcomers: NewcomerRepository;

  constructor(dialect: Dialect) {
    super(dialect);
    this.newcomers = new NewcomerRepository(dialect);
  }

  /** Takes the lane for as long as the transaction lasts. False: somebody else has it. */
  async lock(tx: Tx, lane: number): Promise<boolean> {
    const rows = await this.select(
      tx, `SELECT lane FROM inbox_lanes WHERE lane = ?${this.dialect.forUpdateSkipLocked}`, [lane],
    );
    return rows.length > 0;
  }

  /**
   * The oldest events whose turn it is: fresh ones, and those whose next attempt is due. A conversation with an event that
   * still waits for its next attempt is left out whole, or a later event would overtake it. When more waits than fits, those
   * of accounts that have no backlog come along.
   * @param without accounts of which nothing is wanted
   */
  async listDue(tx: Tx, lane: number, now: Date, limit: number, without: readonly string[] = []): Promise<DueBatch> {
    const retries = await this.select<{ id: number; conversation_id: string | null; next_attempt_at: unknown }>(
      tx,
      `SELECT id, conversation_id, next_attempt_at FROM webhook_events
       WHERE pending_lane = ? AND next_attempt_at IS NOT NULL ${notOf(without)} ORDER BY next_attempt_at, id LIMIT ?`,
      [lane, ...without, BLOCKED_AT_MOST + 1],
    );
    const isDue = (at: unknown) => (this.dialect.readTime(at)?.getTime() ?? 0) <= now.getTime();
    const due = retries.filter((row) => isDue(row.next_attempt_at)).slice(0, limit);
    const dueIds = new Set(due.map((row) => row.id));
    const waiting = retries.filter((row) => !dueIds.has(row.id)).map((row) => row.conversation_id);
    const blocked = [...new Set(waiting.filter((id) => id !== null))];
    const again = due
      .filter((row) => row.conversation_id === null || !blocked.includes(row.conversation_id))
      .map((row) => row.id);
    const rows = await this.findMany(tx, lane, again);
    const fresh = retries.length > BLOCKED_AT_MOST ? [] : await this.listFresh(tx, lane, { blocked, without }, limit);
    const full = fresh.length === limit;
    // (A conversation with an event that is being tried again has it among `rows`, or is blocked.)
    const newcomers = full ? (await this.findMany(tx, lane, await this.newcomers.listIds(tx, lane, fresh, blocked, now.getTime()))).filter((row) => !without.includes(row.account_id)) : [];
    const { kept, cut } = await this.withPayloads(tx, [...rows, ...fresh, ...newcomers]);
    return { events: kept, more: cut || full };
  }

  /** The event, if it still waits in that lane and its turn has come. */
  async findDue(tx: Tx, lane: number, { accountId, id }: Pick<DueEvent, 'accountId' | 'id'>, now: Date): Promise<DueEvent | null> {
    const rows = await this.select<RawDue>(
      tx,
      `SELECT ${SELECTED} FROM webhook_events WHERE id = ? AND account_id = ? AND pending_lane = ?
       AND (next_attempt_at IS NULL OR next_attempt_at <= ?)`,
      [id, accountId, lane, this.dialect.time(now)],
    );
    return (await this.withPayloads(tx, rows)).kept[0] ?? null;
  }

  /**
   * Lanes with something due: a probe into the index or two for each, however much waits. (EXISTS would say the same, and MariaDB
   * makes a list of it that it fills from the whole index, all that is settled included, when it last counted next to nothing there.)
   */
  async listLanesWithWork(tx: Tx, now: Date): Promise<number[]> {
    const rows = await this.select<{ lane: number }>(
      tx,
      `SELECT l.lane FROM inbox_lanes l
       WHERE (SELECT e.id FROM webhook_events e WHERE e.pending_lane = l.lane AND e.next_attempt_at IS NULL LIMIT 1) IS NOT NULL
          OR (SELECT e.id FROM webhook_events e WHERE e.pending_lane = l.lane AND e.next_attempt_at <= ? LIMIT 1) IS NOT NULL`,
      [this.dialect.time(now)],
    );
    return rows.map((row) => row.lane);
  }

  private async findMany(tx: Tx, lane: number, ids: readonly number[]): Promise<RawDue[]> {
    if (ids.length === 0) return [];
    return await this.select<RawDue>(
      tx, `SELECT ${SELECTED} FROM webhook_events${this.dialect.byPrimaryKey} WHERE id IN (${placeholders(ids.length)}) AND pending_lane = ?`, [...ids, lane],
    );
  }

  private async listFresh(tx: Tx, lane: number, { blocked, without }: Record<'blocked' | 'without', readonly string[]>, limit: number): Promise<RawDue[]> {
    const parameters: SqlValue[] = [lane, ...blocked, ...without, limit];
    return await this.select<RawDue>(
      tx,
      `SELECT ${SELECTED} FROM webhook_events WHERE pending_lane = ? AND next_attempt_at IS NULL
       ${blocked.length > 0 ? `AND (conversation_id IS NULL OR conversation_id NOT IN (${placeholders(blocked.length)}))` : ''}
       ${notOf(without)} ORDER BY id LIMIT ?`,
      parameters,
    );
  }

  private async withPayloads(tx: Tx, rows: readonly RawDue[]): Promise<{ kept: DueEvent[]; cut: boolean }> {
    const kept: DueEvent[] = [];
    let large = 0;
    for (const row of rows) {
      if (row.payload === null && large++ === LARGE_PAYLOADS_PER_BATCH) return { kept, cut: true };
      kept.push(this.read(row, row.payload ?? (await this.payloadOf(tx, row))));
    }
    return { kept, cut: false };
  }

  private async payloadOf(tx: Tx, row: RawDue): Promise<string> {
    const [found] = await this.select<{ payload: string }>(
      tx, 'SELECT payload FROM webhook_events WHERE id = ? AND account_id = ?', [row.id, row.account_id],
    );
    return found?.payload ?? '';
  }

  private read(row: RawDue, payload: string): DueEvent {
    const { dialect } = this;
    return {
      id: row.id,
      accountId: row.account_id,
      conversationId: row.conversation_id,
      kind: row.kind,
      dedupeKey: row.dedupe_key,
      attempts: row.attempts,
      occurredAt: dialect.readTime(row.occurred_at) ?? new Date(0),
      receivedAt: dialect.readTime(row.received_at) ?? new Date(0),
      payload,
      earlier: row.decision === null ? null : (JSON.parse(row.decision) as Decision),
    };
  }
}

function notOf(accounts: readonly string[]): string {
  return accounts.length > 0 ? `AND account_id NOT IN (${placeholders(accounts.length)})` : '';
}

interface RawDue {
  readonly id: number;
  readonly account_id: string;
  readonly conversation_id: string | null;
  readonly kind: string;
  readonly dedupe_key: string;
  readonly attempts: number;
  readonly occurred_at: unknown;
  readonly received_at: unknown;
  readonly decision: string | null;
  /** Null: large, to be read by itself. */
  readonly payload: string | null;
}
