import type { DataSource } from 'typeorm';
import type { Dialect, SqlValue } from '../../src/database/index.js';

export interface OutboxRow {
  readonly accountId: string;
  /** Of the account: the rest of the conversation's id. */
  readonly conversation: string;
  readonly createdAt: Date;
  readonly sendBefore: Date | null;
  readonly messageId?: string;
  readonly request?: object;
}

const PIECE = 200;
let made = 0;

/** Queued sends straight into the table: as many as nobody would wait for through the API. */
export async function fillOutbox(dataSource: DataSource, dialect: Dialect, count: number, row: (index: number) => OutboxRow): Promise<void> {
  const columns = [
    'account_id', 'conversation_id', 'message_id', 'source', 'status', 'attempts', 'next_attempt_at', 'lookups', 'send_before', 'request', 'created_at',
  ];
  for (let from = 0; from < count; from += PIECE) {
    const rows = Array.from({ length: Math.min(PIECE, count - from) }, (_, index) => row(from + index));
    const values = rows.map((one): SqlValue[] => [
      one.accountId, `${one.accountId}:${one.conversation}`, one.messageId ?? `message-${String(++made)}`, 'rule', 'queued', 0, dialect.time(one.createdAt), 0,
      dialect.time(one.sendBefore), JSON.stringify(one.request ?? {}), dialect.time(one.createdAt),
    ]);
    await dataSource.query(
      `INSERT INTO outbox_messages (${columns.join(', ')}) VALUES ${values.map(() => `(${columns.map(() => '?').join(', ')})`).join(', ')}`,
      values.flat(),
    );
  }
}
