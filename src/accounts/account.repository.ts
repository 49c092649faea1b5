import { Injectable } from '@nestjs/common';
import { In, IsNull } from 'typeorm';
import { Dialect, placeholders, SqlRepository, type SqlValue, type Tx } from '../database/index.js';
import type { ProcessingSettings, StoredTokenStatus } from './account.js';
import type { SealedCredentials } from './account-credentials.js';
import { AccountEntity } from './account.entity.js';
import type { SealedAppSecret } from './app-secrets.js';
import { wordsOf } from './account.mapper.js';

/** Accounts marked as deleted are seen by `findEvenDeleted` and `listDeleted` alone. */
@Injectable()
export class AccountRepository extends SqlRepository {
  constructor(dialect: Dialect) {
    super(dialect);
  }

  async find(tx: Tx, id: string): Promise<AccountEntity | null> {
    return await this.repository(tx, AccountEntity).findOneBy({ id, deletedAt: IsNull() });
  }

  async findMany(tx: Tx, ids: readonly string[]): Promise<AccountEntity[]> {
    if (ids.length === 0) return [];
    return await this.repository(tx, AccountEntity).findBy({ id: In([...ids]), deletedAt: IsNull() });
  }

  async findEvenDeleted(tx: Tx, id: string): Promise<AccountEntity | null> {
    return await this.repository(tx, AccountEntity).findOneBy({ id });
  }

  /** Locks the row, so that two changes of it follow one another. */
  async findForUpdate(tx: Tx, id: string): Promise<AccountEntity | null> {
    await this.select(tx, `SELECT id FROM instagram_business_accounts WHERE id = ?${this.dialect.forUpdate}`, [id]);
    return await this.find(tx, id);
  }

  /**
   * Those whose row a row that names the account would have to wait for. Asks without waiting, and by the primary key: that is
   * where a foreign key locks, while another index would do for the ids alone.
   */
  async listLocked(tx: Tx, ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return [];
    const sql = `SELECT id FROM instagram_business_accounts${this.dialect.byTextKey('instagram_business_accounts')} WHERE id IN (${placeholders(ids.length)})`;
    const all = await this.select<{ id: string }>(tx, sql, ids);
    const free = await this.select<{ id: string }>(tx, `${sql}${this.dialect.forShareSkipLocked}`, ids);
    const isFree = new Set(free.map(({ id }) => id));
    return all.map(({ id }) => id).filter((id) => !isFree.has(id));
  }

  /** Usernames are compared without regard to case, as Instagram does. */
  async findByUsername(tx: Tx, username: string): Promise<AccountEntity[]> {
    const rows = await this.select<{ id: string }>(
      tx,
      // An earlier version stored it with its @ where it was given so.
      'SELECT id FROM instagram_business_accounts WHERE LOWER(username) IN (?, ?) AND deleted_at IS NULL ORDER BY id LIMIT 2',
      [username.toLowerCase(), `@${username.toLowerCase()}`],
    );
    return await this.findMany(tx, rows.map((row) => row.id));
  }

  async findByVerifyTokenHash(tx: Tx, hash: string): Promise<AccountEntity[]> {
    return await this.repository(tx, AccountEntity).findBy({ webhookVerifyTokenHash: hash, deletedAt: IsNull() });
  }

  /** Of every account, and nothing else of it: anybody can have this asked for once a second. */
  async listAppSecrets(tx: Tx): Promise<SealedAppSecret[]> {
    return await this.select<SealedAppSecret>(
      tx,
      'SELECT id, app_secret AS appSecret FROM instagram_business_accounts WHERE deleted_at IS NULL ORDER BY id',
    );
  }

  /** Newest first. `ids` null: every account. */
  async list(
    tx: Tx,
    filter: { ids: readonly string[] | null; before: { createdAt: Date; id: string } | undefined; limit: number },
  ): Promise<AccountEntity[]> {
    const conditions = ['deleted_at IS NULL'];
    const parameters: SqlValue[] = [];
    if (filter.ids) {
      if (filter.ids.length === 0) return [];
      conditions.push(`id IN (${placeholders(filter.ids.length)})`);
      parameters.push(...filter.ids);
    }
    if (filter.before) {
      const at = this.dialect.time(filter.before.createdAt);
      conditions.push('(created_at < ? OR (created_at = ? AND id < ?))');
      parameters.push(at, at, filter.before.id);
    }
    const rows = await this.select<{ id: string }>(
      tx,
      `SELECT id FROM instagram_business_accounts WHERE ${conditions.join(' AND ')} ORDER BY created_at DESC, id DESC LIMIT ?`,
      [...parameters, filter.limit],
    );
    const found = new Map((await this.findMany(tx, rows.map((row) => row.id))).map((account) => [account.id, account]));
    return rows.map((row) => found.get(row.id)).filter((account) => account !== undefined);
  }

  /** What the processing of events needs, fresh: an account switched off counts from the next transaction on. */
  async getSettings(tx: Tx, ids: readonly string[]): Promise<Map<string, ProcessingSettings>> {
    if (ids.length === 0) return new Map();
    const rows = await this.select<SettingsRow>(
      tx,
      `SELECT id, username, status, active_since, token_status, sending_paused_until, reply_max_age_minutes, takeover_minutes, opt_out_words, opt_in_words, opt_out_confirmation,
       opt_in_confirmation, max_automatic_turns
       FROM instagram_business_accounts WHERE id IN (${placeholders(ids.length)}) AND deleted_at IS NULL`,
      ids,
    );
    return new Map(
      rows.map((row) => [
        row.id,
        {
          username: row.username,
          status: row.status,
          activeSince: this.dialect.readTime(row.active_since),
          sendsFreely: row.status === 'active' && row.token_status === 'valid' && row.sending_paused_until === null,
          replyMaxAgeMinutes: row.reply_max_age_minutes,
          takeoverMinutes: row.takeover_minutes,
          optOutWords: wordsOf(row.opt_out_words),
          optInWords: wordsOf(row.opt_in_words),
          optOutConfirmation: row.opt_out_confirmation,
          optInConfirmation: row.opt_in_confirmation,
          maxAutomaticTurns: row.max_automatic_turns,
        },
      ]),
    );
  }

  async insert(tx: Tx, account: AccountEntity): Promise<void> {
    await this.repository(tx, AccountEntity).insert(account);
  }

  async update(tx: Tx, id: string, changes: Partial<AccountEntity>): Promise<void> {
    await this.repository(tx, AccountEntity).update({ id }, changes);
  }

  /**
   * Writes what Graph said of a token. An answer about another token than the stored one (it was replaced, and whoever
   * called had the former one in memory), or one overtaken by a later check, changes nothing.
   */
  async markTokenStatus(tx: Tx, id: string, { tokenHash, status, calledAt }: TokenNews): Promise<void> {
    const at = this.dialect.time(calledAt);
    await this.execute(
      tx,
      `UPDATE instagram_business_accounts SET token_status = ?, token_checked_at = ?
       WHERE id = ? AND (access_token_hash = ? OR (access_token_hash IS NULL AND updated_at <= ?))
       AND (token_checked_at IS NULL OR token_checked_at <= ?)`,
      [status, at, id, tokenHash, at, at],
    );
  }

  /**
   * Keeps the account from sending until then; a longer pause that stands already stays. `saidAt` is when the call began
   * whose answer asks for it: a change of the account since then has lifted it.
   */
  async pauseSending(tx: Tx, id: string, until: Date, reason: string, saidAt: Date): Promise<void> {
    const end = this.dialect.time(until);
    await this.execute(
      tx,
      `UPDATE instagram_business_accounts SET sending_paused_until = ?, sending_paused_reason = ?
       WHERE id = ? AND updated_at <= ? AND (sending_paused_until IS NULL OR sending_paused_until < ?)`,
      [end, reason, id, this.dialect.time(saidAt), end],
    );
  }

  /** A call that began at `provedAt`, after the pause, has shown that the account may send again. */
  async resumeSending(tx: Tx, id: string, provedAt: Date): Promise<void> {
    await this.execute(
      tx,
      `UPDATE instagram_business_accounts SET sending_paused_until = NULL, sending_paused_reason = NULL
       WHERE id = ? AND sending_paused_until <= ?`,
      [id, this.dialect.time(provedAt)],
    );
  }

  async markDeleted(tx: Tx, id: string, at: Date): Promise<void> {
    await this.execute(tx, 'UPDATE instagram_business_accounts SET deleted_at = ? WHERE id = ?', [this.dialect.time(at), id]);
  }

  /** One account for each key that credentials are sealed with. */
  async listOnePerKey(tx: Tx): Promise<AccountEntity[]> {
    const rows = await this.select<{ id: string }>(
      tx,
      'SELECT MIN(id) AS id FROM instagram_business_accounts WHERE deleted_at IS NULL GROUP BY credential_key_id',
    );
    return await this.findMany(tx, rows.map((row) => row.id));
  }

  async countSealedOtherwise(tx: Tx, keyId: string): Promise<number> {
    const rows = await this.select<{ count: number | string }>(
      tx,
      'SELECT COUNT(*) AS count FROM instagram_business_accounts WHERE credential_key_id <> ? AND deleted_at IS NULL',
      [keyId],
    );
    return Number(rows[0]?.count ?? 0);
  }

  /** The next accounts whose credentials another key sealed, in the order of their ids. */
  async listSealedOtherwise(tx: Tx, keyId: string, afterId: string, limit: number): Promise<string[]> {
    const rows = await this.select<{ id: string }>(
      tx,
      `SELECT id FROM instagram_business_accounts WHERE id > ? AND credential_key_id <> ? AND deleted_at IS NULL ORDER BY id LIMIT ?`,
      [afterId, keyId, limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Locks those of `ids` that are sealed so still, and nobody else's row; passes over what another session holds, or waits for it. */
  async lockSealedOtherwise(tx: Tx, keyId: string, ids: readonly string[], held: 'pass over' | 'wait'): Promise<AccountEntity[]> {
    const rows = await this.select<{ id: string }>(
      tx,
      `SELECT id FROM instagram_business_accounts${this.dialect.byTextKey('instagram_business_accounts')}
       WHERE id IN (${placeholders(ids.length)}) AND credential_key_id <> ? AND deleted_at IS NULL
       ORDER BY id${held === 'wait' ? this.dialect.forUpdate : this.dialect.forUpdateSkipLocked}`,
      [...ids, keyId],
    );
    return await this.findMany(tx, rows.map(({ id }) => id));
  }

  /** Names another key than the one that sealed the credentials: they count as damaged from then on, until they are set anew. */
  async giveUpCredentials(tx: Tx, id: string, keyId: string): Promise<void> {
    await this.repository(tx, AccountEntity).update({ id }, { credentialKeyId: keyId });
  }

  async saveSealed(tx: Tx, id: string, sealed: SealedCredentials): Promise<void> {
    await this.repository(tx, AccountEntity).update({ id }, sealed);
  }
}

/** What Graph said of an access token. */
export interface TokenNews {
  /** Of the token it was asked with: `accessTokenHash`. */
  readonly tokenHash: string;
  readonly status: StoredTokenStatus;
  /** When the call began. */
  readonly calledAt: Date;
}

interface SettingsRow {
  readonly id: string;
  readonly username: string;
  readonly status: 'active' | 'inactive';
  readonly active_since: unknown;
  readonly token_status: string;
  readonly sending_paused_until: unknown;
  readonly reply_max_age_minutes: number;
  readonly takeover_minutes: number;
  readonly opt_out_words: string;
  readonly opt_in_words: string;
  readonly opt_out_confirmation: string | null;
  readonly opt_in_confirmation: string | null;
  readonly max_automatic_turns: number;
}
