import { SqlRepository, type SqlValue, type Tx } from '../../database/index.js';
import type { OutboxMessage } from './outbox-message.js';
import { OUTBOX_SELECTED, readOutboxMessage, type RawOutboxMessage } from './outbox-message.row.js';

/** What the repositories of the outbox have in common: whole rows, read and locked. */
export abstract class OutboxRows extends SqlRepository {
  /** Locks what nobody else has locked. */
  protected async lockOfAccount(
    tx: Tx, accountId: string, index: string, condition: string, parameters: readonly SqlValue[], limit: number,
  ): Promise<OutboxMessage[]> {
    const rows = await this.select<RawOutboxMessage>(
      tx,
      `SELECT ${OUTBOX_SELECTED} FROM outbox_messages o${this.dialect.along(index)}
       WHERE o.account_id = ? AND ${condition} LIMIT ?${this.dialect.forUpdateSkipLocked}`,
      [accountId, ...parameters, limit],
    );
    return rows.map((row) => this.read(row));
  }

  protected read(row: RawOutboxMessage): OutboxMessage {
    return readOutboxMessage(row, this.dialect);
  }
}
