import { Injectable } from '@nestjs/common';
import { Dialect, placeholders, SqlRepository, type SqlValue, type Tx } from '../../database/index.js';
import { groupBy } from '../group-by.js';
import { kindsOfSend } from '../pace/kinds-of-send.js';
import { LONGEST_DELAY_MS } from './delivery.policy.js';
import type { OutboxMessage } from './outbox-message.js';
import { OUTBOX_COLUMNS, OUTBOX_SELECTED, readOutboxMessage, type RawOutboxMessage } from './outbox-message.row.js';

export interface DueSends {
  /** Locked. */
  readonly rows: readonly OutboxMessage[];
  /** What stood in front was put aside: it is worth looking again at once. */
  readonly more: boolean;
  /** Some may go, and are locked by somebody at this moment: nobody rings for them when they are let go. */
  readonly passedOver: boolean;
  /** Besides these nothing of the account may go now: what else is due waits behind another of its conversation, and is rung for when that is settled. */
  readonly drained: boolean;
}

/** A row of the front of an account's queue. */
interface Due {
  readonly accountId: string;
  readonly conversationId: string;
  readonly id: number;
}

export interface Wanted {
  readonly accountId: string;
  /** At least one. */
  readonly limit: number;
}

interface Choice {
  readonly free: readonly Due[];
  readonly more: boolean;
  readonly drained: boolean;
}

/** How far into the queue is looked for sends that may go. */
const FRONT = 128;
/** And how much of it is put aside at once, where others of the same conversations stand in the way. */
const CLOGGED_FRONT = 1_000;
/** What was put aside comes back when the one before it is settled; should that be missed, after this. */
const ASIDE_FOR_MS = 10 * 60_000;
const CONVERSATIONS_AT_ONCE = 500;
/** MariaDB compares pairs with each other before it looks anything up: of many at once, for longer than that takes. */
const PAIRS_AT_ONCE = 100;

/**
 * Which sends of an account may go next. Flat, however long its queue is: only its front is looked at; and where
 * conversations with many messages stand there, all but the first of each are put aside until they may go.
 */
@Injectable()
export class DueSendRepository extends SqlRepository {
  constructor(dialect: Dialect) {
    super(dialect);
  }

  /**
   * Locks queued sends that are due and have nothing unsettled before them in their conversation, up to `limit` of each
   * account, which must differ. The caller holds the accounts' lanes. What somebody else has locked (to cancel it, say) is
   * passed over.
   */
  async lockDue(tx: Tx, wanted: readonly Wanted[], now: Date): Promise<Map<string, DueSends>> {
    const choices = await this.choose(tx, wanted, now);
    const rows = groupBy(await this.lock(tx, [...choices.values()].flatMap((choice) => choice.free)), (row) => row.accountId);
    return new Map([...choices].map(([accountId, { free, more, drained }]) => {
      const locked = rows.get(accountId) ?? [];
      const passedOver = locked.length < free.length;
      return [accountId, { rows: locked, more, passedOver, drained: drained && !passedOver }];
    }));
  }

  /** In most queues what stands first may go: one look at all of them is enough. Where it may not, that queue is looked into by itself. */
  private async choose(tx: Tx, wanted: readonly Wanted[], now: Date): Promise<Map<string, Choice>> {
    // Some of a conversation stand behind one another, so a little more is looked at than is wanted.
    const seen = new Map(wanted.map(({ accountId, limit }) => [accountId, Math.min(FRONT, limit * 3)]));
    const fronts = groupBy(await this.fronts(tx, seen, now), (row) => row.accountId);
    const candidates = [...fronts.values()].flatMap(firstOfEach);
    const first = new Set((await this.listFirst(tx, candidates)).map(({ id }) => id));
    const choices = new Map<string, Choice>();
    for (const { accountId, limit } of wanted) {
      const mayGo = candidates.filter((row) => row.accountId === accountId && first.has(row.id));
      const free = mayGo.slice(0, limit);
      const length = fronts.get(accountId)?.length ?? 0;
      const sawAll = length < (seen.get(accountId) ?? 0);
      const drained = sawAll && free.length === mayGo.length;
      choices.set(accountId, free.length === limit || sawAll ? { free, more: false, drained } : await this.lookDeeper(tx, accountId, limit, now));
    }
    return choices;
  }

  private async lookDeeper(tx: Tx, accountId: string, limit: number, now: Date): Promise<Choice> {
    let front = await this.front(tx, accountId, now, FRONT);
    let free = await this.firstInTheirConversations(tx, front, limit);
    let more = false;
    if (free.length < limit && front.length === FRONT) {
      front = await this.front(tx, accountId, now, CLOGGED_FRONT);
      free = await this.firstInTheirConversations(tx, front, limit);
      more = await this.putAside(tx, accountId, front.filter((row) => !free.includes(row)), now);
    }
    return { free, more, drained: false };
  }

  /** The first of what is unsettled in each of these conversations. */
  async listFirst(tx: Tx, conversations: readonly Pick<Due, 'accountId' | 'conversationId'>[]): Promise<Due[]> {
    return await this.endOf(tx, conversations, 'first');
  }

  /** Those of these conversations in which something is unsettled, with the id of what stands last there. */
  async listOccupied(tx: Tx, conversations: readonly Pick<Due, 'accountId' | 'conversationId'>[]): Promise<Map<string, number>> {
    return new Map((await this.endOf(tx, conversations, 'last')).map(({ conversationId, id }) => [conversationId, id]));
  }

  /** Lets those go that are first in these conversations now, if they were put aside. @returns the accounts of those that are queued, and first now */
  async bringBack(tx: Tx, conversations: readonly Pick<Due, 'accountId' | 'conversationId'>[]): Promise<Set<string>> {
    const next = await this.listFirst(tx, conversations);
    if (next.length === 0) return new Set();
    const first = next.map(({ id }) => id);
    const accounts = [...new Set(conversations.map(({ accountId }) => accountId))];
    const where = `account_id IN (${placeholders(accounts.length)})`;
    const waiting = await this.select<{ id: number | string; account_id: string; created_at: unknown; next_attempt_at: unknown; attempted_at: unknown }>(
      tx,
      `SELECT id, account_id, created_at, next_attempt_at, attempted_at FROM outbox_messages${this.dialect.byPrimaryKey}
       WHERE ${where} AND id IN (${placeholders(first.length)}) AND status = 'queued'`,
      [...accounts, ...first],
    );
    const waitingIn = new Set(waiting.map((row) => row.account_id));
    const aside = waiting.filter((row) => row.attempted_at === null && this.timeOf(row.next_attempt_at) - this.timeOf(row.created_at) > LONGEST_DELAY_MS);
    if (aside.length === 0) return waitingIn;
    await this.execute(
      tx,
      `UPDATE outbox_messages${this.dialect.byPrimaryKey} SET next_attempt_at = created_at WHERE ${where} AND id IN (${placeholders(aside.length)})`,
      [...accounts, ...aside.map((row) => Number(row.id))],
    );
    return waitingIn;
  }

  /**
   * A private reply that waits for its hour's limit stands first in its conversation, and would keep waiting whatever is
   * queued there meanwhile, a person's own message among it: it goes behind that. The caller holds the conversations.
   */
  async letPass(tx: Tx, conversations: readonly Pick<Due, 'accountId' | 'conversationId'>[], now: Date): Promise<void> {
    const all = [...new Map(conversations.map((one) => [one.conversationId, one])).values()];
    const postponed: RawOutboxMessage[] = [];
    for (let from = 0; from < all.length; from += PAIRS_AT_ONCE) {
      // In pairs: of two lists, servers look up every combination.
      const groups = [...groupBy(all.slice(from, from + PAIRS_AT_ONCE), ({ accountId }) => accountId)];
      postponed.push(...(await this.select<RawOutboxMessage>(
        tx,
        `SELECT ${OUTBOX_SELECTED} FROM outbox_messages o${this.dialect.along('ix_outbox_conversation')}
         WHERE (${groups.map(([, group]) => `(o.account_id = ? AND o.conversation_id IN (${placeholders(group.length)}))`).join(' OR ')}) AND o.status = 'queued'
         AND o.attempted_at IS NULL AND o.next_attempt_at > ? ORDER BY o.account_id, o.conversation_id, o.id${this.dialect.forUpdateSkipLocked}`,
        [...groups.flatMap(([accountId, group]) => [accountId, ...group.map(({ conversationId }) => conversationId)]), this.dialect.time(new Date(now.getTime() + LONGEST_DELAY_MS))],
      )));
    }
    const rows = postponed.filter((row) => kindsOfSend(readOutboxMessage(row, this.dialect).request).includes('private_replies'));
    if (rows.length === 0) return;
    const accounts = [...new Set(rows.map((row) => row.account_id))];
    await this.execute(
      tx, `${this.dialect.deleteByPrimaryKey('outbox_messages')} WHERE account_id IN (${placeholders(accounts.length)}) AND id IN (${placeholders(rows.length)})`,
      [...accounts, ...rows.map((row) => Number(row.id))],
    );
    // With new ids, by which a conversation's sends stand in line. Their values as they were read: nobody has claimed them.
    await this.insertRows(tx, 'outbox_messages', OUTBOX_COLUMNS, rows.map((row) => OUTBOX_COLUMNS.map((column) => row[column] as SqlValue)));
  }

  private timeOf(value: unknown): number {
    return this.dialect.readTime(value)?.getTime() ?? 0;
  }

  /** So many of the beginning of each account's queue, in its order. */
  private async fronts(tx: Tx, lengths: ReadonlyMap<string, number>, now: Date): Promise<Due[]> {
    if (lengths.size === 0) return [];
    const parts = Array.from(lengths, (_, part) =>
      `SELECT account_id, id, conversation_id, next_attempt_at FROM (SELECT account_id, id, conversation_id, next_attempt_at FROM outbox_messages${this.dialect.along('ix_outbox_due')}
       WHERE account_id = ? AND status = 'queued' AND next_attempt_at <= ? ORDER BY next_attempt_at, id LIMIT ?) part${String(part)}`);
    const parameters = [...lengths].flatMap(([accountId, length]): SqlValue[] => [accountId, this.dialect.time(now), length]);
    const rows = await this.select<{ account_id: string; id: number | string; conversation_id: string }>(
      tx, `${parts.join(' UNION ALL ')} ORDER BY next_attempt_at, id`, parameters,
    );
    return rows.map((row) => ({ accountId: row.account_id, conversationId: row.conversation_id, id: Number(row.id) }));
  }

  private async front(tx: Tx, accountId: string, now: Date, limit: number): Promise<Due[]> {
    const rows = await this.select<{ id: number | string; conversation_id: string }>(
      tx,
      `SELECT id, conversation_id FROM outbox_messages${this.dialect.along('ix_outbox_due')}
       WHERE account_id = ? AND status = 'queued' AND next_attempt_at <= ? ORDER BY next_attempt_at, id LIMIT ?`,
      [accountId, this.dialect.time(now), limit],
    );
    return rows.map((row) => ({ accountId, conversationId: row.conversation_id, id: Number(row.id) }));
  }

  /** Of the front, in its order, as many as are wanted. */
  private async firstInTheirConversations(tx: Tx, front: readonly Due[], wanted: number): Promise<Due[]> {
    const candidates = firstOfEach(front);
    const free: Due[] = [];
    for (let from = 0; from < candidates.length && free.length < wanted; from += wanted) {
      const piece = candidates.slice(from, from + wanted);
      const first = new Set((await this.listFirst(tx, piece)).map(({ id }) => id));
      free.push(...piece.filter((row) => first.has(row.id)));
    }
    return free.slice(0, wanted);
  }

  private async lock(tx: Tx, chosen: readonly Due[]): Promise<OutboxMessage[]> {
    if (chosen.length === 0) return [];
    const accounts = [...new Set(chosen.map((row) => row.accountId))];
    const rows = await this.select<RawOutboxMessage>(
      tx,
      `SELECT ${OUTBOX_SELECTED} FROM outbox_messages o${this.dialect.byPrimaryKey}
       WHERE o.account_id IN (${placeholders(accounts.length)}) AND o.id IN (${placeholders(chosen.length)}) AND o.status = 'queued'
       ORDER BY o.next_attempt_at, o.id${this.dialect.forUpdateSkipLocked}`,
      [...accounts, ...chosen.map((row) => row.id)],
    );
    return rows.map((row) => readOutboxMessage(row, this.dialect));
  }

  /**
   * Makes those due later that wait for another of their conversation. Only where the first of the conversation stands and can be locked: whoever settles it
   * brings the next one back, and must do so after this, or before it.
   */
  private async putAside(tx: Tx, accountId: string, blocked: readonly Due[], now: Date): Promise<boolean> {
    const first = (await this.listFirst(tx, blocked)).map(({ id }) => id);
    if (first.length === 0) return false;
    const held = await this.select<{ conversation_id: string }>(
      tx,
      `SELECT conversation_id FROM outbox_messages${this.dialect.byPrimaryKey} WHERE account_id = ? AND id IN (${placeholders(first.length)})
       ORDER BY id${this.dialect.forUpdateSkipLocked}`,
      [accountId, ...first],
    );
    const standing = new Set(held.map((row) => row.conversation_id));
    const isFirst = new Set(first);
    const ids = blocked.filter((row) => standing.has(row.conversationId) && !isFirst.has(row.id)).map((row) => row.id);
    if (ids.length === 0) return false;
    await this.execute(
      tx,
      `UPDATE outbox_messages${this.dialect.byPrimaryKey} SET next_attempt_at = ? WHERE account_id = ? AND id IN (${placeholders(ids.length)}) AND status = 'queued'`,
      [this.dialect.time(new Date(now.getTime() + ASIDE_FOR_MS)), accountId, ...ids],
    );
    return true;
  }

  /**
   * The first unsettled row of each conversation, or the last: one probe into the index for each. (As MIN with GROUP BY,
   * some servers read all of them; as a UNION of a hundred such probes, they take longer to read the question than to
   * answer it. In the index's whole order, or MySQL reads a conversation and sorts it.)
   */
  private async endOf(tx: Tx, conversations: readonly Pick<Due, 'accountId' | 'conversationId'>[], which: 'first' | 'last'): Promise<Due[]> {
    const order = ['o.account_id', 'o.conversation_id', 'o.id'].map((column) => (which === 'last' ? `${column} DESC` : column)).join(', ');
    const all = [...new Set(conversations.map(({ conversationId }) => conversationId))];
    const accounts = [...new Set(conversations.map(({ accountId }) => accountId))];
    const ends: Due[] = [];
    for (let from = 0; from < all.length; from += CONVERSATIONS_AT_ONCE) {
      const piece = all.slice(from, from + CONVERSATIONS_AT_ONCE);
      const rows = await this.select<{ id: number | string | null; account_id: string; conversation_id: string }>(
        tx,
        `SELECT c.account_id, c.id AS conversation_id, (SELECT o.id FROM outbox_messages o${this.dialect.along('ix_outbox_conversation')}
          WHERE o.account_id = c.account_id AND o.conversation_id = c.id ORDER BY ${order} LIMIT 1) AS id
         FROM conversations c${this.dialect.byTextKey('conversations')} WHERE c.account_id IN (${placeholders(accounts.length)}) AND c.id IN (${placeholders(piece.length)})`,
        [...accounts, ...piece],
      );
      for (const { id, account_id: accountId, conversation_id: conversationId } of rows) {
        if (id !== null) ends.push({ accountId, conversationId, id: Number(id) });
      }
    }
    return ends;
  }
}

/** Of each conversation the oldest row, in the order given. */
function firstOfEach(rows: readonly Due[]): Due[] {
  const oldest = new Map<string, Due>();
  for (const row of rows) {
    const known = oldest.get(row.conversationId);
    if (!known || row.id < known.id) oldest.set(row.conversationId, row);
  }
  return rows.filter((row) => oldest.get(row.conversationId) === row);
}
