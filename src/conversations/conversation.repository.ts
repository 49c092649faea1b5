import { Injectable } from '@nestjs/common';
import { Dialect, SqlRepository, type SqlValue, type Tx } from '../database/index.js';
import { byAccount, inPieces } from './by-account.js';
import type { ConversationRow } from './conversation.js';

const COLUMNS = [
  'id', 'account_id', 'participant_id', 'participant_username', 'participant_name', 'profile_checked_at',
  'last_message_at', 'last_inbound_at', 'window_closes_at', 'message_count', 'automation_paused',
  'automation_paused_until', 'automation_reason', 'takeover_until', 'automatic_turns', 'automatic_turns_since', 'opted_out',
  'consent_changed_at', 'created_at', 'updated_at',
] as const;
const SELECTED = COLUMNS.join(', ');
/** What a whole-row write may change: not the profile, which only the profile look-up writes. */
const WRITTEN = [
  'last_message_at', 'last_inbound_at', 'window_closes_at', 'message_count', 'automation_paused',
  'automation_paused_until', 'automation_reason', 'takeover_until', 'automatic_turns', 'automatic_turns_since', 'opted_out',
  'consent_changed_at', 'updated_at',
] as const;

/** But for what an erasure has left: an opt-out, which nobody comes to without a message. */
const NOT_ERASED = '(opted_out = 0 OR message_count > 0)';

export interface ConversationKey {
  readonly accountId: string;
  readonly id: string;
}

@Injectable()
export class ConversationRepository extends SqlRepository {
  constructor(dialect: Dialect) {
    super(dialect);
  }

  /** False for an account that is being deleted too: its rows go in pieces, and none of them may be shown meanwhile. */
  async accountExists(tx: Tx, accountId: string): Promise<boolean> {
    const rows = await this.select(
      tx, 'SELECT id FROM instagram_business_accounts WHERE id = ? AND deleted_at IS NULL', [accountId],
    );
    return rows.length > 0;
  }

  /** Reads and locks the conversations that exist; always in the order of their ids, so that two callers cannot deadlock. */
  async lockMany(tx: Tx, keys: readonly ConversationKey[]): Promise<Map<string, ConversationRow>> {
    return await this.readMany(tx, keys, this.dialect.forUpdate);
  }

  /** As they are committed; nobody is waited for. */
  async findMany(tx: Tx, keys: readonly ConversationKey[]): Promise<Map<string, ConversationRow>> {
    return await this.readMany(tx, keys, '');
  }

  private async readMany(tx: Tx, keys: readonly ConversationKey[], locking: string): Promise<Map<string, ConversationRow>> {
    const found = new Map<string, ConversationRow>();
    const sorted = [...keys].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
    for (const piece of inPieces(sorted)) {
      const where = byAccount(piece, 'id', (key) => key.id);
      const rows = await this.select<RawConversation>(
        tx,
        `SELECT ${SELECTED} FROM conversations${this.dialect.byTextKey('conversations')} WHERE ${where.sql} ORDER BY id${locking}`,
        where.parameters,
      );
      for (const row of rows) found.set(row.id, this.read(row));
    }
    return found;
  }

  /** Writes whole rows, all but the profile. The caller holds the lane or the lock of each. */
  async upsertMany(tx: Tx, rows: readonly ConversationRow[]): Promise<void> {
    const sorted = [...rows].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
    const assignments = Object.fromEntries(WRITTEN.map((column) => [column, this.dialect.incoming(column)]));
    const { dialect } = this;
    await this.insertRows(
      tx,
      'conversations',
      COLUMNS,
      sorted.map((row): SqlValue[] => [
        row.id, row.accountId, row.participantId, row.participantUsername, row.participantName,
        dialect.time(row.profileCheckedAt), dialect.time(row.lastMessageAt), dialect.time(row.lastInboundAt),
        dialect.time(row.windowClosesAt), row.messageCount, row.automationPaused ? 1 : 0,
        dialect.time(row.automationPausedUntil), row.automationReason, dialect.time(row.takeoverUntil), row.automaticTurns,
        dialect.time(row.automaticTurnsSince), row.optedOut ? 1 : 0, dialect.time(row.consentChangedAt),
        dialect.time(row.createdAt), dialect.time(row.updatedAt),
      ]),
      dialect.upsert(['id'], assignments),
    );
  }

  async find(tx: Tx, accountId: string, id: string): Promise<ConversationRow | null> {
    const [row] = await this.select<RawConversation>(
      tx, `SELECT ${SELECTED} FROM conversations WHERE account_id = ? AND id = ?`, [accountId, id],
    );
    return row ? this.read(row) : null;
  }

  /** The most recent conversation with that username: a name that was given up may be taken by another person. */
  async findByUsername(tx: Tx, accountId: string, username: string): Promise<ConversationRow | null> {
    const [row] = await this.select<RawConversation>(
      tx,
      `SELECT ${SELECTED} FROM conversations${this.dialect.along('ix_conversations_username')} WHERE account_id = ? AND participant_username = ?
       ORDER BY last_message_at DESC, id DESC LIMIT 1`,
      [accountId, username],
    );
    return row ? this.read(row) : null;
  }

  /** Newest first; `after` is the key of the last row seen. Conversations without a message come at the end. */
  async list(tx: Tx, accountId: string, after: { at: Date | null; id: string } | null, limit: number): Promise<ConversationRow[]> {
    const rows: RawConversation[] = [];
    // From the cursor on: where much of the list lies behind it, MariaDB walks there from the newest one.
    const from = `conversations${this.dialect.along('ix_conversations_recent')}`;
    if (after === null || after.at !== null) {
      const at = after ? this.dialect.time(after.at) : null;
      rows.push(...(await this.select<RawConversation>(
        tx,
        `SELECT ${SELECTED} FROM ${from} WHERE account_id = ? AND last_message_at IS NOT NULL
         ${after ? 'AND last_message_at <= ? AND (last_message_at < ? OR id < ?)' : ''}
         ORDER BY last_message_at DESC, id DESC LIMIT ?`,
        [accountId, ...(after ? [at, at, after.id] : []), limit],
      )));
    }
    if (rows.length < limit) {
      const inside = after !== null && after.at === null;
      rows.push(...(await this.select<RawConversation>(
        tx,
        `SELECT ${SELECTED} FROM ${from} WHERE account_id = ? AND last_message_at IS NULL ${inside ? 'AND id < ?' : ''}
         ORDER BY id DESC LIMIT ?`,
        [accountId, ...(inside ? [after.id] : []), limit - rows.length],
      )));
    }
    return rows.map((row) => this.read(row));
  }

  /** Only while the claim stands: the conversation may have been erased since the person was asked for. */
  async saveProfile(
    tx: Tx, accountId: string, id: string, profile: { username: string | null; name: string | null; checkedAt: Date }, claimedAt: Date,
  ): Promise<void> {
    const { dialect } = this;
    await this.execute(
      tx,
      `UPDATE conversations SET participant_username = ?, participant_name = ?, profile_checked_at = ?
       WHERE account_id = ? AND id = ? AND profile_checked_at = ?`,
      [profile.username, profile.name, dialect.time(profile.checkedAt), accountId, id, dialect.time(claimedAt)],
    );
  }

  /** Writes what a takeover changes. The caller holds the conversation's lock. */
  async saveTakeover(tx: Tx, row: ConversationRow): Promise<void> {
    await this.execute(
      tx,
      `UPDATE conversations SET takeover_until = ?, automatic_turns = ?, automatic_turns_since = ? WHERE account_id = ? AND id = ?`,
      [this.dialect.time(row.takeoverUntil), row.automaticTurns, this.dialect.time(row.automaticTurnsSince), row.accountId, row.id],
    );
  }

  /**
   * Conversations whose customer is not known by name, and was not asked for since `checkedBefore`; of all accounts. They
   * count as asked for at `claimedAt`, so that no other instance asks as well; what somebody else is claiming is passed over.
   * Of who was erased, and left an opt-out behind, no name is wanted: there are few such rows to pass over.
   */
  async claimNeedingProfile(tx: Tx, limit: number, checkedBefore: Date, claimedAt: Date): Promise<ConversationRow[]> {
    const { forUpdateSkipLocked } = this.dialect;
    // Two statements, each a range of ix_conversations_profile: with OR, SQLite and MariaDB may read the table instead.
    const fresh = await this.select<RawConversation>(
      tx,
      `SELECT ${SELECTED} FROM conversations WHERE participant_username IS NULL AND profile_checked_at IS NULL
       AND ${NOT_ERASED} ORDER BY id LIMIT ?${forUpdateSkipLocked}`,
      [limit],
    );
    const again = fresh.length >= limit ? [] : await this.select<RawConversation>(
      tx,
      `SELECT ${SELECTED} FROM conversations WHERE participant_username IS NULL AND profile_checked_at < ?
       AND ${NOT_ERASED} ORDER BY profile_checked_at, id LIMIT ?${forUpdateSkipLocked}`,
      [this.dialect.time(checkedBefore), limit - fresh.length],
    );
    const rows = [...fresh, ...again].map((row) => this.read(row));
    for (const { accountId, id } of rows) {
      await this.execute(
        tx, 'UPDATE conversations SET profile_checked_at = ? WHERE account_id = ? AND id = ?', [this.dialect.time(claimedAt), accountId, id],
      );
    }
    return rows;
  }

  private read(row: RawConversation): ConversationRow {
    const { dialect } = this;
    return {
      id: row.id,
      accountId: row.account_id,
      participantId: row.participant_id,
      participantUsername: row.participant_username,
      participantName: row.participant_name,
      profileCheckedAt: dialect.readTime(row.profile_checked_at),
      lastMessageAt: dialect.readTime(row.last_message_at),
      lastInboundAt: dialect.readTime(row.last_inbound_at),
      windowClosesAt: dialect.readTime(row.window_closes_at),
      messageCount: Number(row.message_count),
      automationPaused: Number(row.automation_paused) !== 0,
      automationPausedUntil: dialect.readTime(row.automation_paused_until),
      automationReason: row.automation_reason,
      takeoverUntil: dialect.readTime(row.takeover_until),
      automaticTurns: Number(row.automatic_turns),
      automaticTurnsSince: dialect.readTime(row.automatic_turns_since),
      optedOut: Number(row.opted_out) !== 0,
      consentChangedAt: dialect.readTime(row.consent_changed_at),
      createdAt: dialect.readTime(row.created_at) ?? new Date(0),
      updatedAt: dialect.readTime(row.updated_at) ?? new Date(0),
    };
  }
}

interface RawConversation {
  readonly id: string;
  readonly account_id: string;
  readonly participant_id: string;
  readonly participant_username: string | null;
  readonly participant_name: string | null;
  readonly profile_checked_at: unknown;
  readonly last_message_at: unknown;
  readonly last_inbound_at: unknown;
  readonly window_closes_at: unknown;
  readonly message_count: number | string;
  readonly automation_paused: number | boolean;
  readonly automation_paused_until: unknown;
  readonly automation_reason: string | null;
  readonly takeover_until: unknown;
  readonly automatic_turns: number | string;
  readonly automatic_turns_since: unknown;
  readonly opted_out: number | boolean;
  readonly consent_changed_at: unknown;
  readonly created_at: unknown;
  readonly updated_at: unknown;
}
