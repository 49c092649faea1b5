import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Dialect, placeholders, type SqlValue, type Tx } from '../../database/index.js';
import { Doorbell } from '../../queue/index.js';
import { groupBy } from '../group-by.js';
import { InstanceId } from '../instances/instance-id.js';
import { laneOf } from '../lanes.js';
import { LONGEST_DELAY_MS, LOST_AFTER_MS } from './delivery.policy.js';
import { DueSendRepository } from './due-send.repository.js';
import { OutboxHints } from './outbox-hints.js';
import type { ClaimedMessage, NewOutboxMessage, NextStep, OutboxMessage, OutboxStatus, WaitingGroup } from './outbox-message.js';
import {
  newlyClaimed, newOutboxRow, NEW_OUTBOX_COLUMNS, OUTBOX_SELECTED, type NewlyClaimed, type RawOutboxMessage,
} from './outbox-message.row.js';
import { OutboxRows } from './outbox-rows.repository.js';

/** Behind what Instagram has refused; those beyond are found with the next refusal. */
const MOST_BEHIND = 1_000;

@Injectable()
export class OutboxRepository extends OutboxRows {
  constructor(
    dialect: Dialect,
    private readonly clock: Clock,
    private readonly doorbell: Doorbell,
    private readonly hints: OutboxHints,
    private readonly due: DueSendRepository,
    private readonly me: InstanceId,
  ) {
    super(dialect);
  }

  /**
   * Queues sends, and rings once they are committed. Those of one conversation go out in the order given; the caller
   * holds the conversation's lock, so that the order of ids is the order of commits.
   * @param ahead message ids of those that are claimed with it (`NewSends`)
   * @returns those that were claimed
   */
  async insertMany(tx: Tx, rows: readonly NewOutboxMessage[], ahead: Pick<ReadonlySet<string>, 'has'> = new Set<string>()): Promise<ClaimedMessage[]> {
    const now = this.clock.now();
    const claimed = rows.filter((row) => ahead.has(row.messageId)).map((row) => newlyClaimed(row, now));
    const states = new Map<string, NewlyClaimed>(claimed.map((row) => [row.messageId, row]));
    await this.insertRows(
      tx, 'outbox_messages', NEW_OUTBOX_COLUMNS, rows.map((row) => newOutboxRow(row, states.get(row.messageId), this.me.value, now, this.dialect)),
    );
    const queued = rows.filter((row) => !states.has(row.messageId));
    if (queued.length > 0) await this.due.letPass(tx, queued, now);
    // What is queued behind one that is claimed is rung for when that is settled.
    const under = new Set(claimed.map((row) => row.conversationId));
    this.ringAfterCommit(tx, rows.flatMap((row) => (under.has(row.conversationId) ? [] : [row.accountId])));
    return claimed.length === 0 ? [] : await this.withIds(tx, claimed);
  }

  private async withIds(tx: Tx, rows: readonly NewlyClaimed[]): Promise<ClaimedMessage[]> {
    // In pairs: of two lists, servers look up every combination.
    const groups = [...groupBy(rows, (row) => row.accountId)];
    const found = await this.select<{ id: number | string; message_id: string }>(
      tx,
      `SELECT id, message_id FROM outbox_messages${this.dialect.along('ux_outbox_message')}
       WHERE ${groups.map(([, group]) => `(account_id = ? AND message_id IN (${placeholders(group.length)}))`).join(' OR ')}`,
      groups.flatMap(([accountId, group]) => [accountId, ...group.map((row) => row.messageId)]),
    );
    const ids = new Map(found.map((row) => [row.message_id, Number(row.id)]));
    return rows.map((row) => {
      const id = ids.get(row.messageId);
      if (id === undefined) throw new Error('a message that was put into the outbox is not there');
      return { ...row, id };
    });
  }

  /** "There is something to send for these accounts", once it is committed. */
  ringAfterCommit(tx: Tx, accountIds: Iterable<string>): void {
    const accounts = new Set(accountIds);
    if (accounts.size === 0) return;
    tx.afterCommit(() => {
      for (const accountId of accounts) {
        this.hints.add(accountId);
        // Here, where the accounts are known; another instance would have to search for them.
        this.doorbell.ringHere('outbox', laneOf(accountId));
      }
    });
  }

  /** For each account and status, when the first of them is due; over all accounts, from the index alone. */
  async listWaiting(tx: Tx): Promise<WaitingGroup[]> {
    const rows = await this.select<{ account_id: string; status: OutboxStatus; earliest: unknown }>(
      tx, this.dialect.smallestOfEach('outbox_messages', ['account_id', 'status'], 'next_attempt_at', 'earliest'),
    );
    return rows.map((row) => ({
      accountId: row.account_id,
      status: row.status,
      earliest: this.dialect.readTime(row.earliest) ?? new Date(0),
    }));
  }

  /** Takes these lanes for this transaction, but for those in which another instance is claiming at this moment. */
  async lockLanes(tx: Tx, lanes: readonly number[]): Promise<Set<number>> {
    const wanted = [...new Set(lanes)];
    const rows = await this.select<{ lane: number }>(
      tx, `SELECT lane FROM outbox_lanes WHERE lane IN (${placeholders(wanted.length)}) ORDER BY lane${this.dialect.forUpdateSkipLocked}`, wanted,
    );
    return new Set(rows.map((row) => row.lane));
  }

  /** How many are on their way or uncertain; of accounts not in the answer, none. */
  async countUnsettled(tx: Tx, accountIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.select<{ account_id: string; count: number | string }>(
      tx,
      `SELECT account_id, COUNT(*) AS count FROM outbox_messages${this.dialect.along('ix_outbox_due')}
       WHERE account_id IN (${placeholders(accountIds.length)}) AND status IN ('sending', 'uncertain') GROUP BY account_id`,
      accountIds,
    );
    return new Map(rows.map((row) => [row.account_id, Number(row.count)]));
  }

  /** Which of these accounts have queued sends whose time to be sent is over. One probe into the index for each. */
  async listWithExpired(tx: Tx, accountIds: readonly string[], now: Date): Promise<Set<string>> {
    if (accountIds.length === 0) return new Set();
    const parts = accountIds.map((_, part) =>
      `SELECT account_id FROM (SELECT account_id FROM outbox_messages${this.dialect.along('ix_outbox_expiry')}
       WHERE account_id = ? AND status = 'queued' AND send_before <= ? LIMIT 1) part${String(part)}`);
    const parameters = accountIds.flatMap((accountId): SqlValue[] => [accountId, this.dialect.time(now)]);
    const rows = await this.select<{ account_id: string }>(tx, parts.join(' UNION ALL '), parameters);
    return new Set(rows.map((row) => row.account_id));
  }

  async countSending(tx: Tx, accountId: string): Promise<number> {
    const [row] = await this.select<{ count: number | string }>(
      tx, "SELECT COUNT(*) AS count FROM outbox_messages WHERE account_id = ? AND status = 'sending'", [accountId],
    );
    return Number(row?.count ?? 0);
  }

  /** Queued sends, due or not, oldest first; locked, but for those that somebody else has locked. */
  async lockQueued(tx: Tx, accountId: string, limit: number): Promise<OutboxMessage[]> {
    return await this.lockOfAccount(tx, accountId, 'ix_outbox_status', "o.status = 'queued' ORDER BY o.id", [], limit);
  }

  /** The same, of those whose time to be sent is over. */
  async lockExpired(tx: Tx, accountId: string, now: Date, limit: number): Promise<OutboxMessage[]> {
    return await this.lockOfAccount(
      tx, accountId, 'ix_outbox_expiry', "o.status = 'queued' AND o.send_before <= ? ORDER BY o.send_before, o.id", [this.dialect.time(now)], limit,
    );
  }

  /** The send of this message, if it is not settled; waits for whoever holds it. */
  async lockByMessage(tx: Tx, accountId: string, messageId: string): Promise<OutboxMessage | null> {
    const [row] = await this.select<RawOutboxMessage>(
      tx,
      `SELECT ${OUTBOX_SELECTED} FROM outbox_messages o WHERE o.account_id = ? AND o.message_id = ?${this.dialect.forUpdate}`,
      [accountId, messageId],
    );
    return row ? this.read(row) : null;
  }

  /** What is not settled of this conversation, oldest first; waits for whoever holds it. */
  async lockConversation(tx: Tx, accountId: string, conversationId: string, limit: number): Promise<OutboxMessage[]> {
    const rows = await this.select<RawOutboxMessage>(
      tx,
      `SELECT ${OUTBOX_SELECTED} FROM outbox_messages o${this.dialect.along('ix_outbox_conversation')}
       WHERE o.account_id = ? AND o.conversation_id = ? ORDER BY o.id LIMIT ?${this.dialect.forUpdate}`,
      [accountId, conversationId, limit],
    );
    return rows.map((row) => this.read(row));
  }

  /** Which of these messages are not settled. */
  async findUnsettled(tx: Tx, accountId: string, messageIds: readonly string[]): Promise<Set<string>> {
    const rows = await this.select<{ message_id: string }>(
      tx,
      `SELECT message_id FROM outbox_messages${this.dialect.along('ux_outbox_message')}
       WHERE account_id = ? AND message_id IN (${placeholders(messageIds.length)})`,
      [accountId, ...messageIds],
    );
    return new Set(rows.map((row) => row.message_id));
  }

  /** What rules have put in this conversation behind what was under way there, oldest first: queued, or claimed and waiting for its turn. */
  async listRepliesBehind(tx: Tx, accountId: string, conversationId: string): Promise<OutboxMessage[]> {
    // By the conversation alone: with the status beside it, SQLite would go through all that is queued.
    const rows = await this.select<RawOutboxMessage>(
      tx,
      `SELECT ${OUTBOX_SELECTED} FROM outbox_messages o WHERE o.account_id = ? AND o.conversation_id = ? ORDER BY o.id LIMIT ?`,
      [accountId, conversationId, MOST_BEHIND],
    );
    return rows.map((row) => this.read(row)).filter((row) => row.status !== 'uncertain' && row.source === 'rule');
  }

  /** What rules have queued in these conversations of an account, oldest first, up to `limit`; locked, but for what somebody else has locked. */
  async lockQueuedReplies(tx: Tx, accountId: string, conversationIds: readonly string[], limit: number): Promise<OutboxMessage[]> {
    return await this.lockOfAccount(
      tx, accountId, 'ix_outbox_conversation',
      `o.conversation_id IN (${placeholders(conversationIds.length)}) AND o.status = 'queued' AND o.source = 'rule' ORDER BY o.id`, conversationIds, limit,
    );
  }

  /** queued → sending. The caller holds the lanes, so nobody else can have claimed them; fails should that ever not hold. */
  async markSending(tx: Tx, rows: readonly OutboxMessage[], now: Date): Promise<ClaimedMessage[]> {
    if (rows.length === 0) return [];
    const lostAt = new Date(now.getTime() + LOST_AFTER_MS);
    const accounts = [...new Set(rows.map((row) => row.accountId))];
    const changed = await this.execute(
      tx,
      `UPDATE outbox_messages${this.dialect.byPrimaryKey} SET status = 'sending', attempts = attempts + 1, attempted_at = ?, next_attempt_at = ?, lookups = 0, claimed_by = ?
       WHERE account_id IN (${placeholders(accounts.length)}) AND id IN (${placeholders(rows.length)}) AND status = 'queued'`,
      [this.dialect.time(now), this.dialect.time(lostAt), this.me.value, ...accounts, ...rows.map((row) => row.id)],
    );
    if (changed !== rows.length) throw new Error(`${String(rows.length - changed)} messages were claimed by somebody else`);
    return rows.map((row) => ({
      ...row, status: 'sending', attempts: row.attempts + 1, attemptedAt: now, nextAttemptAt: lostAt, lookups: 0, ...earlierOf(row),
    }));
  }

  async moveOn(tx: Tx, steps: readonly NextStep[]): Promise<void> {
    for (const step of [...steps].sort((a, b) => a.id - b.id)) {
      await this.execute(
        tx,
        `UPDATE outbox_messages SET status = ?, attempts = ?, lookups = ?, next_attempt_at = ?, attempted_at = ?, error = ?, claimed_by = NULL
         WHERE account_id = ? AND id = ?`,
        [step.status, step.attempts, step.lookups, this.dialect.time(step.nextAttemptAt), this.dialect.time(step.attemptedAt), step.error, step.accountId, step.id],
      );
    }
  }

  /** Until when these are to be sent. The caller has locked them. */
  async saveSendBefore(tx: Tx, rows: readonly { readonly accountId: string; readonly id: number; readonly sendBefore: Date }[]): Promise<void> {
    for (const { accountId, id, sendBefore } of rows) {
      await this.execute(tx, 'UPDATE outbox_messages SET send_before = ? WHERE account_id = ? AND id = ?', [this.dialect.time(sendBefore), accountId, id]);
    }
  }

  /** Where one of these was put off for long, what stands behind it in its conversation may go first. The caller holds those conversations. */
  async letPass(tx: Tx, putOff: readonly (Pick<OutboxMessage, 'accountId' | 'conversationId'> & { readonly until: Date })[]): Promise<void> {
    const now = this.clock.now();
    const long = putOff.filter(({ until }) => until.getTime() - now.getTime() > LONGEST_DELAY_MS);
    if (long.length > 0) await this.due.letPass(tx, long, now);
  }

  /** They are settled: what waits behind them in their conversations may go. @returns the accounts of which something does */
  async deleteMany(tx: Tx, rows: readonly Pick<OutboxMessage, 'accountId' | 'conversationId' | 'id'>[]): Promise<Set<string>> {
    if (rows.length === 0) return new Set();
    const accounts = [...new Set(rows.map((row) => row.accountId))];
    const ids = rows.map((row) => row.id).sort((a, b) => a - b);
    await this.execute(
      tx,
      `${this.dialect.deleteByPrimaryKey('outbox_messages')} WHERE id IN (${placeholders(ids.length)}) AND account_id IN (${placeholders(accounts.length)})`,
      [...ids, ...accounts],
    );
    return await this.due.bringBack(tx, rows);
  }
}

/** Of a row about to be claimed: what it will no longer say. Tries that do not count were refused, or not made. */
function earlierOf({ attempts, attemptedAt, lookups }: OutboxMessage): Pick<ClaimedMessage, 'earlier'> {
  return attempts > 0 && attemptedAt !== null ? { earlier: { attemptedAt, lookups } } : {};
}
