import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Dialect, placeholders, SqlRepository, type Tx } from '../../database/index.js';
import type { OutboxSource } from './outbox-message.js';

/** What it takes to send a failed message again. */
export interface FailedSend {
  readonly accountId: string;
  readonly messageId: string;
  readonly source: OutboxSource;
  readonly sendBefore: Date | null;
  /** The body of the call to Graph. */
  readonly request: Readonly<Record<string, unknown>>;
  /** Whether Instagram has delivered it was never found out. */
  readonly mayHaveArrived: boolean;
}

/** A failed send of which was never found out whether Instagram has delivered it. */
export interface UnknownSend extends Pick<FailedSend, 'messageId' | 'request'> {
  readonly conversationId: string;
  readonly createdAt: Date;
  readonly failedAt: Date;
}

/** A row of the outbox whose send is given up. */
export interface GivenUp {
  readonly accountId: string;
  readonly outboxId: number;
  readonly mayHaveArrived: boolean;
}

const COLUMNS = ['account_id', 'message_id', 'source', 'send_before', 'request', 'may_have_arrived', 'failed_at'] as const;

@Injectable()
export class FailedSendRepository extends SqlRepository {
  constructor(
    dialect: Dialect,
    private readonly clock: Clock,
  ) {
    super(dialect);
  }

  /** Keeps what their rows hold. To be called before these are deleted; the caller has locked them. */
  async insertMany(tx: Tx, givenUp: readonly GivenUp[]): Promise<void> {
    if (givenUp.length === 0) return;
    const byId = new Map(givenUp.map((send) => [send.outboxId, send]));
    const accounts = [...new Set(givenUp.map((send) => send.accountId))];
    const rows = await this.select<RawSend & { readonly id: number | string }>(
      tx,
      `SELECT id, account_id, message_id, source, send_before, request FROM outbox_messages${this.dialect.byPrimaryKey}
       WHERE id IN (${placeholders(byId.size)}) AND account_id IN (${placeholders(accounts.length)}) ORDER BY account_id, message_id`,
      [...byId.keys(), ...accounts],
    );
    const now = this.dialect.time(this.clock.now());
    await this.insertRows(
      tx,
      'failed_sends',
      COLUMNS,
      rows.map((row) => [
        row.account_id, row.message_id, row.source, this.dialect.time(this.dialect.readTime(row.send_before)), row.request,
        byId.get(Number(row.id))?.mayHaveArrived === true ? 1 : 0, now,
      ]),
      this.dialect.ignoreDuplicates(['account_id', 'message_id']),
    );
  }

  /** Those of the account that failed since then, as they failed. Not locked: see `lock`. */
  async listUnknown(tx: Tx, accountId: string, since: Date): Promise<UnknownSend[]> {
    const rows = await this.select<{ message_id: string; request: string; failed_at: unknown; conversation_id: string; created_at: unknown }>(
      tx,
      `SELECT f.message_id, f.request, f.failed_at, m.conversation_id, m.created_at
       FROM failed_sends f${this.dialect.along('ix_failed_sends_age')} JOIN messages m ON m.account_id = f.account_id AND m.id = f.message_id
       WHERE f.account_id = ? AND f.failed_at >= ? AND f.may_have_arrived = ? ORDER BY f.failed_at, f.message_id`,
      [accountId, this.dialect.time(since), 1],
    );
    const time = (value: unknown) => this.dialect.readTime(value) ?? since;
    return rows.map((row) => ({
      messageId: row.message_id, request: JSON.parse(row.request) as Record<string, unknown>, conversationId: row.conversation_id,
      createdAt: time(row.created_at), failedAt: time(row.failed_at),
    }));
  }

  /** Locks it: of two who send it again, one finds it. */
  async lock(tx: Tx, accountId: string, messageId: string): Promise<FailedSend | null> {
    const [row] = await this.select<RawSend & { readonly may_have_arrived: number | boolean }>(
      tx,
      `SELECT account_id, message_id, source, send_before, request, may_have_arrived FROM failed_sends
       WHERE account_id = ? AND message_id = ?${this.dialect.forUpdate}`,
      [accountId, messageId],
    );
    if (!row) return null;
    return {
      accountId: row.account_id,
      messageId: row.message_id,
      source: row.source,
      sendBefore: this.dialect.readTime(row.send_before),
      request: JSON.parse(row.request) as Record<string, unknown>,
      mayHaveArrived: Number(row.may_have_arrived) !== 0,
    };
  }

  async delete(tx: Tx, accountId: string, messageId: string): Promise<void> {
    await this.execute(tx, 'DELETE FROM failed_sends WHERE account_id = ? AND message_id = ?', [accountId, messageId]);
  }

  /** Those of them that have failed can no longer be sent again; whoever is about to do so is waited for. */
  async deleteMany(tx: Tx, accountId: string, messageIds: readonly string[]): Promise<void> {
    const rows = await this.select<{ message_id: string }>(
      tx,
      `SELECT message_id FROM failed_sends${this.dialect.byTextKey('failed_sends')} WHERE account_id = ? AND message_id IN (${placeholders(messageIds.length)})`,
      [accountId, ...messageIds],
    );
    if (rows.length === 0) return;
    await this.execute(
      tx,
      `${this.dialect.deleteByTextKey('failed_sends')} WHERE account_id = ? AND message_id IN (${placeholders(rows.length)})`,
      [accountId, ...rows.map((row) => row.message_id)],
    );
  }
}

interface RawSend {
  readonly account_id: string;
  readonly message_id: string;
  readonly source: OutboxSource;
  readonly send_before: unknown;
  readonly request: string;
}
