import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsFor, dropExisting } from './schema-types.js';

const TABLE = 'response_rules';
const nullable = { isNullable: true };

/** What a rule answers with beside its text. */
export class AddRuleResponses1764500000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const c = columnsFor(queryRunner);
    const columns = [
      c.long('quick_replies', nullable), c.long('buttons', nullable), c.long('media', nullable), c.integer('typing_seconds', nullable),
    ];
    for (const column of columns) {
      if (!(await queryRunner.hasColumn(TABLE, column.name))) await queryRunner.addColumn(TABLE, column);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropExisting(queryRunner, TABLE, ['typing_seconds', 'media', 'buttons', 'quick_replies']);
  }
}
