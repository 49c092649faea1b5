import { Injectable } from '@nestjs/common';
import { firstIdAt } from '../../common/new-id.js';
import { Dialect, SqlRepository, type Tx } from '../../database/index.js';

/** A rule's reply to a comment may wait so long for its hour before it goes out. */
const WAITS_MS = 24 * 60 * 60_000;
/** Of an account that is busier than that the newest are gone through: none of this may take long. */
const MOST_GONE_THROUGH = 20_000;

/**
 * No index knows when a message went out, nor that it answers a comment: the account's messages of the last day are gone through
 * by their ids, which tell when they were made.
 */
@Injectable()
export class SentPrivateReplyRepository extends SqlRepository {
  constructor(dialect: Dialect) {
    super(dialect);
  }

  /** When each went out, in no order. */
  async list(tx: Tx, accountId: string, since: Date): Promise<Date[]> {
    const along = this.dialect.byTextKey('messages');
    const first = firstIdAt(new Date(since.getTime() - WAITS_MS));
    const [limit] = await this.select<{ id: string }>(
      tx, `SELECT id FROM messages${along} WHERE account_id = ? AND id >= ? ORDER BY id DESC LIMIT 1 OFFSET ?`, [accountId, first, MOST_GONE_THROUGH],
    );
    const rows = await this.select<{ sent_at: unknown }>(
      tx,
      `SELECT sent_at FROM messages${along} WHERE account_id = ? AND id >= ? AND direction = 'outbound' AND sent_at >= ? AND details LIKE ?`,
      [accountId, limit?.id ?? first, this.dialect.time(since), '%"commentId":%'],
    );
    return rows.map((row) => this.dialect.readTime(row.sent_at)).filter((at) => at !== null);
  }
}
