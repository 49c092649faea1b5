import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addMissing, columnsFor, dropExisting } from './schema-types.js';

const TABLE = 'instagram_business_accounts';
const COLUMN = 'active_since';

/** What came while an account was off is not answered later, even where it is applied only after the account was switched on. */
export class AddActiveSince1764800000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await addMissing(queryRunner, TABLE, [columnsFor(queryRunner).time(COLUMN, { isNullable: true })]);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropExisting(queryRunner, TABLE, [COLUMN]);
  }
}
