import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { accountReference, columnsFor, index } from './schema-types.js';

const OUTBOX = 'outbox_messages';
const FAILED = 'failed_sends';

/** What is asked of the outbox stays quick however long one account's queue is; what failed can be sent again. */
export class AddOutboxSight1764400000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const c = columnsFor(queryRunner);
    const nullable = { isNullable: true } as const;
    const wanted = [
      // Oldest first, whatever is due when.
      index('ix_outbox_status', 'account_id', 'status', 'id'),
      // Whose time is over.
      index('ix_outbox_expiry', 'account_id', 'status', 'send_before', 'id'),
      // What an echo may be of, without the rest of its conversation.
      index('ix_outbox_attempted', 'account_id', 'conversation_id', 'attempted_at'),
    ];
    const table = await queryRunner.getTable(OUTBOX);
    const known = new Set(table?.indices.map(({ name }) => name));
    for (const one of wanted) if (!known.has(one.name)) await queryRunner.createIndex(OUTBOX, one);
    await queryRunner.createTable(
      new Table({
        name: FAILED,
        columns: [
          c.ascii('account_id', 50, { isPrimary: true }),
          c.ascii('message_id', 36, { isPrimary: true }),
          c.ascii('source', 20),
          c.time('send_before', nullable),
          c.long('request'),
          c.boolean('may_have_arrived'),
          c.time('failed_at'),
        ],
        indices: [index('ix_failed_sends_age', 'account_id', 'failed_at')],
        foreignKeys: [accountReference(FAILED)],
      }),
      true,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable(FAILED, true);
    const table = await queryRunner.getTable(OUTBOX);
    for (const name of ['ix_outbox_attempted', 'ix_outbox_expiry', 'ix_outbox_status']) {
      if (table?.indices.some((one) => one.name === name)) await queryRunner.dropIndex(OUTBOX, name);
    }
  }
}
