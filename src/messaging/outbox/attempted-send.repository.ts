import { Injectable } from '@nestjs/common';
import { Dialect, placeholders, type Tx } from '../../database/index.js';
import { InstanceId } from '../instances/instance-id.js';
import { DueSendRepository } from './due-send.repository.js';
import type { ClaimedMessage, OutboxMessage } from './outbox-message.js';
import { OUTBOX_SELECTED, type RawOutboxMessage } from './outbox-message.row.js';
import { OutboxRows } from './outbox-rows.repository.js';

export interface LockedAttempts {
  readonly standing: readonly OutboxMessage[];
  /** Ids of those that are not settled, but stand as something else: queued again, or another attempt. */
  readonly otherwise: readonly number[];
}

/** Sends that were claimed: what became of them is being found out, or is to be. */
@Injectable()
export class AttemptedSendRepository extends OutboxRows {
  constructor(
    dialect: Dialect,
    private readonly due: DueSendRepository,
    private readonly me: InstanceId,
  ) {
    super(dialect);
  }

  /** Locks those of the given attempts that nobody has settled meanwhile (Meta's echo may have been faster). */
  async lockAttempts(tx: Tx, attempts: readonly ClaimedMessage[]): Promise<LockedAttempts> {
    const byId = new Map(attempts.map((attempt) => [attempt.id, attempt]));
    const ids = [...byId.keys()].sort((a, b) => a - b);
    if (ids.length === 0) return { standing: [], otherwise: [] };
    const accounts = [...new Set(attempts.map((attempt) => attempt.accountId))];
    const rows = await this.select<RawOutboxMessage>(
      tx,
      `SELECT ${OUTBOX_SELECTED} FROM outbox_messages o${this.dialect.byPrimaryKey} WHERE o.id IN (${placeholders(ids.length)})
       AND o.account_id IN (${placeholders(accounts.length)}) ORDER BY o.id${this.dialect.forUpdate}`,
      [...ids, ...accounts],
    );
    const found = rows.map((row) => this.read(row));
    const standing = found.filter((row) => row.status !== 'queued' && row.attemptedAt?.getTime() === byId.get(row.id)?.attemptedAt.getTime());
    return { standing, otherwise: found.filter((row) => !standing.includes(row)).map(({ id }) => id) };
  }

  /**
   * The sends of these conversations that may have been called and are not settled, locked: of each the first at most, since
   * no other goes before that is settled. One that is queued again may still have been delivered by an earlier attempt.
   */
  async lockAttempted(tx: Tx, conversations: readonly Pick<OutboxMessage, 'accountId' | 'conversationId'>[]): Promise<OutboxMessage[]> {
    const first = await this.due.listFirst(tx, conversations);
    if (first.length === 0) return [];
    const accounts = [...new Set(first.map(({ accountId }) => accountId))];
    const rows = await this.select<RawOutboxMessage>(
      tx,
      `SELECT ${OUTBOX_SELECTED} FROM outbox_messages o${this.dialect.byPrimaryKey}
       WHERE o.account_id IN (${placeholders(accounts.length)}) AND o.id IN (${placeholders(first.length)}) ORDER BY o.id${this.dialect.forUpdate}`,
      [...accounts, ...first.map(({ id }) => id)],
    );
    return rows.map((row) => this.read(row)).filter(({ attemptedAt }) => attemptedAt !== null);
  }

  /** All that stand as sending, whoever claimed them. */
  async listSending(tx: Tx, accountId: string, limit: number): Promise<OutboxMessage[]> {
    return await this.lockOfAccount(tx, accountId, 'ix_outbox_due', "o.status = 'sending' ORDER BY o.next_attempt_at, o.id", [], limit);
  }

  /**
   * Sends that somebody claimed and has not recorded in time.
   * @param alive instances that are known to live, and to see to their own, but for what is overdue since `longAgo`
   */
  async listLost(tx: Tx, accountId: string, now: Date, alive: readonly string[], longAgo: Date, limit: number): Promise<OutboxMessage[]> {
    const theirs = alive.length === 0 ? '' : ` AND (o.claimed_by IS NULL OR o.claimed_by NOT IN (${placeholders(alive.length)}) OR o.next_attempt_at <= ?)`;
    const condition = `o.status = 'sending' AND o.next_attempt_at <= ?${theirs} ORDER BY o.next_attempt_at, o.id`;
    const parameters = [this.dialect.time(now), ...(alive.length === 0 ? [] : [...alive, this.dialect.time(longAgo)])];
    return await this.lockOfAccount(tx, accountId, 'ix_outbox_due', condition, parameters, limit);
  }

  /** What an instance has in hand, on its way or being looked up. */
  async listClaimedBy(tx: Tx, accountId: string, status: 'sending' | 'uncertain', instance: string, limit: number): Promise<ClaimedMessage[]> {
    const condition = 'o.status = ? AND o.claimed_by = ? ORDER BY o.next_attempt_at, o.id';
    return attempted(await this.lockOfAccount(tx, accountId, 'ix_outbox_due', condition, [status, instance], limit));
  }

  /** Uncertain sends that nobody is to look at before `after`, locked. */
  async listUncertain(tx: Tx, accountId: string, after: Date, limit: number): Promise<ClaimedMessage[]> {
    const condition = "o.status = 'uncertain' AND o.next_attempt_at > ? ORDER BY o.next_attempt_at, o.id";
    return attempted(await this.lockOfAccount(tx, accountId, 'ix_outbox_due', condition, [this.dialect.time(after)], limit));
  }

  /** Uncertain sends whose look-up is due, put off until `until` so that no other instance looks them up too. */
  async claimLookups(tx: Tx, accountId: string, now: Date, until: Date, limit: number): Promise<ClaimedMessage[]> {
    const condition = "o.status = 'uncertain' AND o.next_attempt_at <= ? ORDER BY o.next_attempt_at, o.id";
    const rows = await this.lockOfAccount(tx, accountId, 'ix_outbox_due', condition, [this.dialect.time(now)], limit);
    if (rows.length === 0) return [];
    await this.execute(
      tx,
      `UPDATE outbox_messages${this.dialect.byPrimaryKey} SET next_attempt_at = ?, claimed_by = ? WHERE account_id = ? AND id IN (${placeholders(rows.length)})`,
      [this.dialect.time(until), this.me.value, accountId, ...rows.map((row) => row.id)],
    );
    return attempted(rows);
  }
}

function attempted(rows: readonly OutboxMessage[]): ClaimedMessage[] {
  return rows.flatMap((row) => (row.attemptedAt ? [{ ...row, attemptedAt: row.attemptedAt }] : []));
}
