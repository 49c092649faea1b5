import { Injectable } from '@nestjs/common';
import { charactersOf, Dialect, SqlRepository, statementsOf, type SqlValue, type Tx } from '../database/index.js';
import { byAccount, inPieces } from './by-account.js';
import type { ExternalKey } from './early-change.js';
import { UNLISTED, type MessageKey, type MessageOutcome, type MessageRow } from './message.js';
import { MESSAGE_COLUMNS, readMessage, writeMessage, type RawMessage } from './message.row.js';

const SELECTED = MESSAGE_COLUMNS.join(', ');
/** For each row a server goes through the cases until it finds it. */
const CASES_AT_ONCE = 40;
/** What a change of a message may touch: how a send stands is written by others, and not by these. */
const CHANGED = ['text', 'attachments', 'reactions', 'details', 'read_at', 'edited_at', 'deleted_at'] as const;

@Injectable()
export class MessageRepository extends SqlRepository {
  constructor(dialect: Dialect) {
    super(dialect);
  }

  /** Inserts; a message whose mid the account has already is left out. The caller has set `position` under the conversation's lock. */
  async insertMany(tx: Tx, rows: readonly MessageRow[]): Promise<void> {
    const seen = new Set<string>();
    const once = rows.filter((row) => {
      if (row.externalKey === null) return true;
      const key = `${row.accountId} ${row.externalKey}`;
      return !seen.has(key) && seen.add(key);
    });
    const sorted = once.sort((a, b) => compare(a.accountId, b.accountId) || compare(a.id, b.id));
    await this.insertRows(
      tx,
      'messages',
      MESSAGE_COLUMNS,
      sorted.map((row) => writeMessage(row, this.dialect)),
      this.dialect.ignoreDuplicates(['account_id', 'external_key']),
    );
  }

  /** The messages among `keys` that stand already. */
  async findExistingExternal(tx: Tx, keys: readonly ExternalKey[]): Promise<MessageRow[]> {
    return await this.findByPairs(tx, keys, 'external_key', (key) => key.externalKey, this.dialect.along('ux_messages_external'));
  }

  /** The same, locked for as long as the transaction lasts: always in the order of their keys. */
  async lockByExternalKeys(tx: Tx, keys: readonly ExternalKey[]): Promise<MessageRow[]> {
    const found: MessageRow[] = [];
    const sorted = [...keys].sort((a, b) => compare(a.accountId, b.accountId) || compare(a.externalKey, b.externalKey));
    for (const piece of inPieces(sorted)) {
      const where = byAccount(piece, 'external_key', (key) => key.externalKey);
      const rows = await this.select<RawMessage>(
        tx,
        `SELECT ${SELECTED} FROM messages${this.dialect.along('ux_messages_external')} WHERE ${where.sql}
         ORDER BY account_id, external_key${this.dialect.forUpdate}`,
        where.parameters,
      );
      found.push(...rows.map((row) => readMessage(row, this.dialect)));
    }
    return found;
  }

  async findMany(tx: Tx, accountId: string, ids: readonly string[]): Promise<MessageRow[]> {
    return await this.findByPairs(tx, ids.map((id) => ({ accountId, id })), 'id', (key) => key.id, this.dialect.byTextKey('messages'));
  }

  async get(tx: Tx, accountId: string, id: string): Promise<MessageRow | null> {
    return (await this.findMany(tx, accountId, [id]))[0] ?? null;
  }

  /** A conversation's messages, newest first, but for what has no place among them; `before` is the position of the last one seen. */
  async listByConversation(tx: Tx, accountId: string, conversationId: string, before: number | null, limit: number): Promise<MessageRow[]> {
    const rows = await this.select<RawMessage>(
      tx,
      `SELECT ${SELECTED} FROM messages WHERE account_id = ? AND conversation_id = ? AND position > ?
       ${before === null ? '' : 'AND position < ?'} ORDER BY position DESC LIMIT ?`,
      [accountId, conversationId, UNLISTED, ...(before === null ? [] : [before]), limit],
    );
    return rows.map((row) => readMessage(row, this.dialect));
  }

  /** queued → sending, together with the claim of their outbox rows. */
  async markSending(tx: Tx, items: readonly MessageKey[]): Promise<void> {
    for (const piece of inPieces(items)) {
      const where = byAccount(piece, 'id', (item) => item.id);
      await this.execute(
        tx, `UPDATE messages${this.dialect.byTextKey('messages')} SET status = 'sending' WHERE ${where.sql} AND status = 'queued'`, where.parameters,
      );
    }
  }

  /** Writes how sends stand. The caller holds their outbox rows, so nothing else can be settling them. */
  async recordOutcomes(tx: Tx, outcomes: readonly MessageOutcome[]): Promise<void> {
    await this.updateMany(tx, outcomes, {
      status: (outcome) => outcome.status,
      external_id: (outcome) => outcome.externalId,
      external_key: (outcome) => outcome.externalKey,
      sent_at: (outcome) => this.dialect.time(outcome.sentAt),
      error: (outcome) => outcome.error,
    });
  }

  /** Meta's time of a message, where only ours was known. */
  async saveSentAt(tx: Tx, items: readonly (MessageKey & { readonly sentAt: Date })[]): Promise<void> {
    await this.updateMany(tx, items, { sent_at: (item) => this.dialect.time(item.sentAt) });
  }

  /** What edits, reactions, reads and unsends have made of messages. The caller holds their rows (`lockByExternalKeys`). */
  async saveChanges(tx: Tx, rows: readonly MessageRow[]): Promise<void> {
    const written = new Map(rows.map((row) => [row, writeMessage(row, this.dialect)]));
    const columns = CHANGED.map((name) => {
      const index = MESSAGE_COLUMNS.indexOf(name);
      return [name, (row: MessageRow) => written.get(row)?.[index] ?? null] as const;
    });
    await this.updateMany(tx, rows, Object.fromEntries(columns));
  }

  /**
   * Takes out a message that turned out to be a second record of another one (the echo of our own send, recorded before
   * we knew its mid), and closes the gap: positions and the conversation's count are one and the same sequence.
   * @returns the message as it last was; null when it is gone already
   */
  async removeDuplicate(tx: Tx, { accountId, conversationId, id }: MessageRow): Promise<MessageRow | null> {
    // The conversation first: whoever is adding a message to it holds it until its position is there to be moved.
    await this.select(
      tx, `SELECT id FROM conversations WHERE account_id = ? AND id = ?${this.dialect.forUpdate}`, [accountId, conversationId],
    );
    const [row] = await this.select<RawMessage>(
      tx, `SELECT ${SELECTED} FROM messages WHERE account_id = ? AND id = ?${this.dialect.forUpdate}`, [accountId, id],
    );
    if (!row) return null;
    const removed = readMessage(row, this.dialect);
    await this.execute(tx, 'DELETE FROM messages WHERE account_id = ? AND id = ?', [accountId, id]);
    await this.execute(
      tx,
      'UPDATE messages SET position = position - 1 WHERE account_id = ? AND conversation_id = ? AND position > ?',
      [accountId, conversationId, removed.position],
    );
    await this.execute(
      tx, 'UPDATE conversations SET message_count = message_count - 1 WHERE account_id = ? AND id = ?', [accountId, conversationId],
    );
    return removed;
  }

  private async updateMany<Item extends MessageKey>(
    tx: Tx, items: readonly Item[], columns: Readonly<Record<string, (item: Item) => SqlValue>>,
  ): Promise<void> {
    const sizeOf = (item: Item) => charactersOf(Object.values(columns).map((valueOf) => valueOf(item)));
    for (const piece of statementsOf(items, CASES_AT_ONCE, sizeOf)) {
      const parameters: SqlValue[] = [];
      const set = Object.entries(columns).map(([column, valueOf]) => {
        const values = piece.map(valueOf);
        const [first] = values;
        if (first !== undefined && values.every((value) => value === first)) {
          parameters.push(first);
          return `${column} = ?`;
        }
        for (const [i, item] of piece.entries()) parameters.push(item.id, values[i] ?? null);
        // A bare parameter in THEN has no type on MySQL, and all of them may be null: ELSE gives it the column's.
        return `${column} = CASE id ${'WHEN ? THEN ? '.repeat(piece.length)}ELSE ${column} END`;
      });
      const where = byAccount(piece, 'id', (item) => item.id);
      await this.execute(
        tx, `UPDATE messages${this.dialect.byTextKey('messages')} SET ${set.join(', ')} WHERE ${where.sql}`, [...parameters, ...where.parameters],
      );
    }
  }

  private async findByPairs<Key extends { readonly accountId: string }>(
    tx: Tx, keys: readonly Key[], column: string, valueOf: (key: Key) => string, along: string,
  ): Promise<MessageRow[]> {
    const found: MessageRow[] = [];
    for (const piece of inPieces(keys)) {
      const where = byAccount(piece, column, valueOf);
      const rows = await this.select<RawMessage>(tx, `SELECT ${SELECTED} FROM messages${along} WHERE ${where.sql}`, where.parameters);
      found.push(...rows.map((row) => readMessage(row, this.dialect)));
    }
    return found;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
