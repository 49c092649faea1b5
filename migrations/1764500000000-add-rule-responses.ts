import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addMissing, columnsFor, dropExisting } from './schema-types.js';

const TABLE = 'response_rules';
const nullable = { isNullable: true };

/** What a rule answers with beside its text. */
export class AddRuleResponses1764500000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const c = columnsFor(queryRunner);
    await addMissing(queryRunner, TABLE, [
      c.long('quick_replies', nullable), c.long('buttons', nullable), c.long('media', nullable), c.integer('typing_seconds', nullable),
    ]);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropExisting(queryRunner, TABLE, ['typing_seconds', 'media', 'buttons', 'quick_replies']);
  }
}
