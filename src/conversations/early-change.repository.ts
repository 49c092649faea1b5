import { Injectable } from '@nestjs/common';
import { Dialect, SqlRepository, type SqlValue, type Tx } from '../database/index.js';
import { byAccount, inPieces } from './by-account.js';
import type { MessageChange } from './changes/message-change.js';
import type { EarlyChange, ExternalKey } from './early-change.js';

const COLUMNS = ['account_id', 'external_key', 'dedupe_key', 'kind', 'payload', 'occurred_at', 'created_at'] as const;
const DELETED_AT_ONCE = 30;

/** Changes that wait for their message. */
@Injectable()
export class EarlyChangeRepository extends SqlRepository {
  constructor(dialect: Dialect) {
    super(dialect);
  }

  async insertMany(tx: Tx, changes: readonly EarlyChange[], now: Date): Promise<void> {
    const distinct = [...new Map(changes.map((change) => [keyOf(change), change])).entries()].sort(([a], [b]) => (a < b ? -1 : 1));
    const { dialect } = this;
    await this.insertRows(
      tx,
      'early_changes',
      COLUMNS,
      distinct.map(([, { accountId, externalKey, dedupeKey, change: { at, ...content } }]): SqlValue[] => [
        accountId, externalKey, dedupeKey, content.kind, JSON.stringify(content), dialect.time(at), dialect.time(now),
      ]),
      dialect.ignoreDuplicates(['dedupe_key', 'account_id', 'external_key']),
    );
  }

  /** What waits for these messages. `locking`: also sees, by waiting for it, what another transaction is putting there. */
  async findMany(tx: Tx, keys: readonly ExternalKey[], { locking }: { readonly locking: boolean }): Promise<EarlyChange[]> {
    const found: EarlyChange[] = [];
    for (const piece of inPieces(keys)) {
      const where = byAccount(piece, 'external_key', (key) => key.externalKey);
      const rows = await this.select<RawEarlyChange>(
        tx,
        `SELECT account_id, external_key, dedupe_key, payload, occurred_at FROM early_changes${this.dialect.byTextKey('early_changes')} WHERE ${where.sql}
         ORDER BY account_id, external_key, dedupe_key${locking ? this.dialect.forUpdate : ''}`,
        where.parameters,
      );
      found.push(...rows.map((row) => this.read(row)));
    }
    return found;
  }

  /** These and no others: one that has come meanwhile, for the same message, has not been applied. */
  async deleteMany(tx: Tx, changes: readonly EarlyChange[]): Promise<void> {
    // Whole keys: of lists of their parts, servers look up every combination. And few at a time: for many, MariaDB reads a table of
    // some hundreds instead, and waits for others' rows; and it takes longer to compare the keys with each other than to delete.
    for (const piece of inPieces(changes, DELETED_AT_ONCE)) {
      await this.execute(
        tx,
        `${this.dialect.deleteByTextKey('early_changes')}
         WHERE ${piece.map(() => '(account_id = ? AND external_key = ? AND dedupe_key = ?)').join(' OR ')}`,
        piece.flatMap(({ accountId, externalKey, dedupeKey }) => [accountId, externalKey, dedupeKey]),
      );
    }
  }

  private read(row: RawEarlyChange): EarlyChange {
    const at = this.dialect.readTime(row.occurred_at) ?? new Date(0);
    return {
      accountId: row.account_id,
      externalKey: row.external_key,
      dedupeKey: row.dedupe_key,
      change: { ...(JSON.parse(row.payload) as MessageChange), at },
    };
  }
}

function keyOf({ accountId, externalKey, dedupeKey }: EarlyChange): string {
  return `${accountId} ${externalKey} ${dedupeKey}`;
}

interface RawEarlyChange {
  readonly account_id: string;
  readonly external_key: string;
  readonly dedupe_key: string;
  readonly payload: string;
  readonly occurred_at: unknown;
}
