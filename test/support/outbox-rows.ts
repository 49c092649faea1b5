import type { EntityManager } from 'typeorm';
import type { Dialect, SqlValue } from '../../src/database/index.js';

export interface OutboxRow {
  readonly accountId: string;
  /** Of the account: the rest of the conversation's id. */
  readonly conversation: string;
  readonly createdAt: Date;
  readonly sendBefore: Date | null;
  readonly messageId: string;
  readonly text: string;
}

const PIECE = 200;

/** Queued sends straight into the table: as many as nobody would wait for through the API. */
export async function fillOutbox(manager: Pick<EntityManager, 'query'>, dialect: Dialect, count: number, row: (index: number) => OutboxRow): Promise<void> {
  await insert(manager, 'outbox_messages', count, (index) => {
    const { accountId, conversation, createdAt, sendBefore, messageId, text } = row(index);
    return {
      account_id: accountId, conversation_id: `${accountId}:${conversation}`, message_id: messageId, source: 'rule', status: 'queued',
      attempts: 0, next_attempt_at: dialect.time(createdAt), lookups: 0, send_before: dialect.time(sendBefore),
      request: JSON.stringify({ recipient: { id: conversation }, message: { text } }), created_at: dialect.time(createdAt),
    };
  });
}

/** The conversations that these sends are in. */
export async function fillConversations(manager: Pick<EntityManager, 'query'>, dialect: Dialect, count: number, row: (index: number) => OutboxRow): Promise<void> {
  const conversations = new Map<string, { readonly row: OutboxRow; count: number }>();
  for (let index = 0; index < count; index++) {
    const one = row(index);
    const id = `${one.accountId}:${one.conversation}`;
    const known = conversations.get(id);
    if (known) known.count++;
    else conversations.set(id, { row: one, count: 1 });
  }
  const all = [...conversations];
  await insert(manager, 'conversations', all.length, (index) => {
    const [id, { row: { accountId, conversation, createdAt, sendBefore }, count: messages }] = all[index]!;
    const at = dialect.time(createdAt);
    return {
      id, account_id: accountId, participant_id: conversation, participant_username: `person_${conversation}`,
      last_message_at: at, last_inbound_at: at, window_closes_at: dialect.time(sendBefore), message_count: messages, automation_paused: 0,
      created_at: at, updated_at: at,
    };
  });
}

/** The messages that these sends are of, and their conversations. */
export async function fillMessages(manager: Pick<EntityManager, 'query'>, dialect: Dialect, count: number, row: (index: number) => OutboxRow): Promise<void> {
  const counts = new Map<string, number>();
  const kept = new Map<number, number>();
  for (let index = 0; index < count; index++) {
    const { accountId, conversation } = row(index);
    const id = `${accountId}:${conversation}`;
    kept.set(index, (counts.get(id) ?? 0) + 1);
    counts.set(id, kept.get(index) ?? 0);
  }
  await fillConversations(manager, dialect, count, row);
  await insert(manager, 'messages', count, (index) => {
    const { accountId, conversation, createdAt, messageId, text } = row(index);
    return {
      account_id: accountId, id: messageId, conversation_id: `${accountId}:${conversation}`, position: kept.get(index) ?? 0,
      direction: 'outbound', kind: 'text', text, status: 'queued', created_at: dialect.time(createdAt),
    };
  });
}

async function insert(manager: Pick<EntityManager, 'query'>, table: string, count: number, row: (index: number) => Record<string, SqlValue>): Promise<void> {
  for (let from = 0; from < count; from += PIECE) {
    const rows = Array.from({ length: Math.min(PIECE, count - from) }, (_, index) => row(from + index));
    const columns = Object.keys(rows[0]!);
    const places = `(${columns.map(() => '?').join(', ')})`;
    await manager.query(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${rows.map(() => places).join(', ')}`, rows.flatMap((values) => Object.values(values)),
    );
  }
}
