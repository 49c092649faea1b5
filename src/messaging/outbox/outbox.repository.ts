import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Dialect, placeholders, SqlRepository, type SqlValue, type Tx } from '../../database/index.js';
import { Doorbell } from '../../queue/index.js';
import { laneOf } from '../lanes.js';
import { LOST_AFTER_MS } from './delivery.policy.js';
import { OutboxHints } from './outbox-hints.js';
import type { ClaimedMessage, NewOutboxMessage, NextStep, OutboxMessage, OutboxStatus, WaitingGroup } from './outbox-message.js';

const COLUMNS = [
  'account_id', 'conversation_id', 'message_id', 'source', 'status', 'attempts', 'next_attempt_at', 'attempted_at',
  'lookups', 'send_before', 'request', 'error', 'created_at',
] as const;
const SELECTED = ['id', ...COLUMNS].map((column) => `o.${column}`).join(', ');

@Injectable()
export class OutboxRepository extends SqlRepository {
  constructor(
    dialect: Dialect,
    private readonly clock: Clock,
    private readonly doorbell: Doorbell,
    private readonly hints: OutboxHints,
  ) {
    super(dialect);
  }

  /**
   * Queues sends, and rings once they are committed. Those of one conversation go out in the order given; the caller
   * holds the conversation's lock, so that the order of ids is the order of commits.
   */
  async insertMany(tx: Tx, rows: readonly NewOutboxMessage[]): Promise<void> {
    const at = this.clock.now();
    const now = this.dialect.time(at);
    await this.insertRows(
      tx,
      'outbox_messages',
      COLUMNS,
      rows.map((row): SqlValue[] => [
        row.accountId, row.conversationId, row.messageId, row.source, 'queued', 0,
        this.dialect.time(new Date(at.getTime() + (row.delayMs ?? 0))), null, 0,
        this.dialect.time(row.sendBefore), JSON.stringify(row.request), null, now,
      ]),
    );
    this.ringAfterCommit(tx, rows.map((row) => row.accountId));
  }

  /** "There is something to send for these accounts", once it is committed. */
  ringAfterCommit(tx: Tx, accountIds: Iterable<string>): void {
    const accounts = new Set(accountIds);
    if (accounts.size === 0) return;
    tx.afterCommit(() => {
      for (const accountId of accounts) {
        this.hints.add(accountId);
        this.doorbell.ring('outbox', laneOf(accountId));
      }
    });
  }

  /** For each account and status, when the first of them is due; over all accounts, from the index alone. */
  async listWaiting(tx: Tx): Promise<WaitingGroup[]> {
    const rows = await this.select<{ account_id: string; status: OutboxStatus; earliest: unknown }>(
      tx,
      'SELECT account_id, status, MIN(next_attempt_at) AS earliest FROM outbox_messages GROUP BY account_id, status',
    );
    return rows.map((row) => ({
      accountId: row.account_id,
      status: row.status,
      earliest: this.dialect.readTime(row.earliest) ?? new Date(0),
    }));
  }

  /** Takes the lane for this transaction. False: another instance is claiming there at this moment. */
  async lockLane(tx: Tx, lane: number): Promise<boolean> {
    const rows = await this.select(
      tx, `SELECT lane FROM outbox_lanes WHERE lane = ?${this.dialect.forUpdateSkipLocked}`, [lane],
    );
    return rows.length > 0;
  }

  async countUnsettled(tx: Tx, accountId: string): Promise<number> {
    return await this.count(tx, accountId, "status IN ('sending', 'uncertain')");
  }

  async countSending(tx: Tx, accountId: string): Promise<number> {
    return await this.count(tx, accountId, "status = 'sending'");
  }

  /** Queued sends that are due and have nothing unsettled before them in their conversation. */
  async listDue(tx: Tx, accountId: string, now: Date, limit: number): Promise<OutboxMessage[]> {
    const rows = await this.select<RawOutboxMessage>(
      tx,
      `SELECT ${SELECTED} FROM outbox_messages o
       WHERE o.account_id = ? AND o.status = 'queued' AND o.next_attempt_at <= ? AND NOT EXISTS (
         SELECT 1 FROM outbox_messages older
         WHERE older.account_id = o.account_id AND older.conversation_id = o.conversation_id AND older.id < o.id)
       ORDER BY o.next_attempt_at, o.id LIMIT ?`,
      [accountId, this.dialect.time(now), limit],
    );
    return rows.map((row) => this.read(row));
  }

  /** Queued sends, due or not; with `expiredAt` only those whose time to be sent is over. */
  async listQueued(tx: Tx, accountId: string, expiredAt: Date | null, limit: number): Promise<OutboxMessage[]> {
    const rows = await this.select<RawOutboxMessage>(
      tx,
      `SELECT ${SELECTED} FROM outbox_messages o
       WHERE o.account_id = ? AND o.status = 'queued' ${expiredAt ? 'AND o.send_before <= ?' : ''} ORDER BY o.id LIMIT ?`,
      [accountId, ...(expiredAt ? [this.dialect.time(expiredAt)] : []), limit],
    );
    return rows.map((row) => this.read(row));
  }

  /** What rules have queued in these conversations behind what is under way there, oldest first. */
  async listQueuedReplies(tx: Tx, accountId: string, conversationIds: readonly string[]): Promise<OutboxMessage[]> {
    if (conversationIds.length === 0) return [];
    const rows = await this.select<RawOutboxMessage>(
      tx,
      `SELECT ${SELECTED} FROM outbox_messages o
       WHERE o.account_id = ? AND o.conversation_id IN (${placeholders(conversationIds.length)})
       AND o.status = 'queued' AND o.source = 'rule' ORDER BY o.id`,
      [accountId, ...conversationIds],
    );
    return rows.map((row) => this.read(row));
  }

  /** queued → sending. The caller holds the lane, so nobody else can have claimed them. */
  async markSending(tx: Tx, accountId: string, rows: readonly OutboxMessage[], now: Date): Promise<ClaimedMessage[]> {
    if (rows.length === 0) return [];
    const lostAt = new Date(now.getTime() + LOST_AFTER_MS);
    await this.execute(
      tx,
      `UPDATE outbox_messages SET status = 'sending', attempts = attempts + 1, attempted_at = ?, next_attempt_at = ?, lookups = 0
       WHERE account_id = ? AND id IN (${placeholders(rows.length)}) AND status = 'queued'`,
      [this.dialect.time(now), this.dialect.time(lostAt), accountId, ...rows.map((row) => row.id)],
    );
    return rows.map((row) => ({
      ...row, status: 'sending', attempts: row.attempts + 1, attemptedAt: now, nextAttemptAt: lostAt, lookups: 0,
    }));
  }

  /** Locks those of the given attempts that nobody has settled meanwhile (Meta's echo may have been faster). */
  async lockAttempts(tx: Tx, attempts: readonly ClaimedMessage[]): Promise<OutboxMessage[]> {
    const byId = new Map(attempts.map((attempt) => [attempt.id, attempt]));
    const ids = [...byId.keys()].sort((a, b) => a - b);
    if (ids.length === 0) return [];
    const accounts = [...new Set(attempts.map((attempt) => attempt.accountId))];
    const rows = await this.select<RawOutboxMessage>(
      tx,
      `SELECT ${SELECTED} FROM outbox_messages o WHERE o.id IN (${placeholders(ids.length)})
       AND o.account_id IN (${placeholders(accounts.length)}) ORDER BY o.id${this.dialect.forUpdate}`,
      [...ids, ...accounts],
    );
    return rows
      .map((row) => this.read(row))
      .filter((row) => row.status !== 'queued' && row.attemptedAt?.getTime() === byId.get(row.id)?.attemptedAt.getTime());
  }

  /**
   * The sends of these conversations that were attempted and are not settled, oldest first, locked. One that is queued
   * again may still have been delivered by an earlier attempt.
   */
  async lockAttempted(tx: Tx, accountId: string, conversationIds: readonly string[]): Promise<OutboxMessage[]> {
    if (conversationIds.length === 0) return [];
    const rows = await this.select<RawOutboxMessage>(
      tx,
      `SELECT ${SELECTED} FROM outbox_messages o
       WHERE o.account_id = ? AND o.conversation_id IN (${placeholders(conversationIds.length)})
       AND o.attempted_at IS NOT NULL ORDER BY o.id${this.dialect.forUpdate}`,
      [accountId, ...conversationIds],
    );
    return rows.map((row) => this.read(row));
  }

  /** Sends that somebody claimed and never recorded; `before` null: all that stand as sending, whoever claimed them. */
  async listLost(tx: Tx, accountId: string, before: Date | null, limit: number): Promise<OutboxMessage[]> {
    const rows = await this.select<RawOutboxMessage>(
      tx,
      `SELECT ${SELECTED} FROM outbox_messages o WHERE o.account_id = ? AND o.status = 'sending'
       ${before ? 'AND o.next_attempt_at <= ?' : ''} ORDER BY o.next_attempt_at, o.id LIMIT ?${this.dialect.forUpdateSkipLocked}`,
      [accountId, ...(before ? [this.dialect.time(before)] : []), limit],
    );
    return rows.map((row) => this.read(row));
  }

  /** Uncertain sends that nobody is to look at before `after`, locked. */
  async listUncertain(tx: Tx, accountId: string, after: Date, limit: number): Promise<ClaimedMessage[]> {
    const rows = await this.select<RawOutboxMessage>(
      tx,
      `SELECT ${SELECTED} FROM outbox_messages o WHERE o.account_id = ? AND o.status = 'uncertain' AND o.next_attempt_at > ?
       ORDER BY o.next_attempt_at, o.id LIMIT ?${this.dialect.forUpdateSkipLocked}`,
      [accountId, this.dialect.time(after), limit],
    );
    return rows.map((row) => this.read(row)).flatMap((row) => (row.attemptedAt ? [{ ...row, attemptedAt: row.attemptedAt }] : []));
  }

  /** Uncertain sends whose look-up is due, put off until `until` so that no other instance looks them up too. */
  async claimLookups(tx: Tx, accountId: string, now: Date, until: Date, limit: number): Promise<ClaimedMessage[]> {
    const rows = await this.select<RawOutboxMessage>(
      tx,
      `SELECT ${SELECTED} FROM outbox_messages o WHERE o.account_id = ? AND o.status = 'uncertain' AND o.next_attempt_at <= ?
       ORDER BY o.next_attempt_at, o.id LIMIT ?${this.dialect.forUpdateSkipLocked}`,
      [accountId, this.dialect.time(now), limit],
    );
    if (rows.length === 0) return [];
    await this.execute(
      tx,
      `UPDATE outbox_messages SET next_attempt_at = ? WHERE account_id = ? AND id IN (${placeholders(rows.length)})`,
      [this.dialect.time(until), accountId, ...rows.map((row) => row.id)],
    );
    return rows.map((row) => this.read(row)).flatMap((row) => (row.attemptedAt ? [{ ...row, attemptedAt: row.attemptedAt }] : []));
  }

  async moveOn(tx: Tx, steps: readonly NextStep[]): Promise<void> {
    for (const step of [...steps].sort((a, b) => a.id - b.id)) {
      await this.execute(
        tx,
        `UPDATE outbox_messages SET status = ?, attempts = ?, lookups = ?, next_attempt_at = ?, error = ?
         WHERE account_id = ? AND id = ?`,
        [step.status, step.attempts, step.lookups, this.dialect.time(step.nextAttemptAt), step.error, step.accountId, step.id],
      );
    }
  }

  /** They are settled. */
  async deleteMany(tx: Tx, rows: readonly { readonly accountId: string; readonly id: number }[]): Promise<void> {
    if (rows.length === 0) return;
    const accounts = [...new Set(rows.map((row) => row.accountId))];
    const ids = rows.map((row) => row.id).sort((a, b) => a - b);
    await this.execute(
      tx,
      `DELETE FROM outbox_messages WHERE id IN (${placeholders(ids.length)}) AND account_id IN (${placeholders(accounts.length)})`,
      [...ids, ...accounts],
    );
  }

  private async count(tx: Tx, accountId: string, condition: string): Promise<number> {
    const [row] = await this.select<{ count: number | string }>(
      tx, `SELECT COUNT(*) AS count FROM outbox_messages WHERE account_id = ? AND ${condition}`, [accountId],
    );
    return Number(row?.count ?? 0);
  }

  private read(row: RawOutboxMessage): OutboxMessage {
    const { dialect } = this;
    return {
      id: Number(row.id),
      accountId: row.account_id,
      conversationId: row.conversation_id,
      messageId: row.message_id,
      source: row.source,
      status: row.status,
      attempts: Number(row.attempts),
      nextAttemptAt: dialect.readTime(row.next_attempt_at) ?? new Date(0),
      attemptedAt: dialect.readTime(row.attempted_at),
      lookups: Number(row.lookups),
      sendBefore: dialect.readTime(row.send_before),
      request: JSON.parse(row.request) as Record<string, unknown>,
      error: row.error,
    };
  }
}

interface RawOutboxMessage {
  readonly id: number | string;
  readonly account_id: string;
  readonly conversation_id: string;
  readonly message_id: string;
  readonly source: OutboxMessage['source'];
  readonly status: OutboxStatus;
  readonly attempts: number | string;
  readonly next_attempt_at: unknown;
  readonly attempted_at: unknown;
  readonly lookups: number | string;
  readonly send_before: unknown;
  readonly request: string;
  readonly error: string | null;
}
