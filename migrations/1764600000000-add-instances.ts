import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { addMissing, columnsFor, dropExisting } from './schema-types.js';

const INSTANCES = 'service_instances';
const OUTBOX = 'outbox_messages';

/** Which instances live, and which of them has a send in hand: what a killed one leaves is seen within seconds. */
export class AddInstances1764600000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const c = columnsFor(queryRunner);
    // Of no account: it is about the service itself.
    await queryRunner.createTable(
      new Table({
        name: INSTANCES,
        columns: [c.ascii('id', 36, { isPrimary: true }), c.integer('beats'), c.time('seen_at')],
      }),
      true,
    );
    await addMissing(queryRunner, OUTBOX, [c.ascii('claimed_by', 36, { isNullable: true })]);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropExisting(queryRunner, OUTBOX, ['claimed_by']);
    await queryRunner.dropTable(INSTANCES, true);
  }
}
