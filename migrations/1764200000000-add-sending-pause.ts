import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addMissing, columnsFor, dropExisting } from './schema-types.js';

const TABLE = 'instagram_business_accounts';
const nullable = { isNullable: true };

/** Until when Graph wants to be left alone for an account, and why: kept here, so that restarts and other instances keep to it. */
export class AddSendingPause1764200000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const c = columnsFor(queryRunner);
    await addMissing(queryRunner, TABLE, [c.time('sending_paused_until', nullable), c.long('sending_paused_reason', nullable)]);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropExisting(queryRunner, TABLE, ['sending_paused_reason', 'sending_paused_until']);
  }
}
