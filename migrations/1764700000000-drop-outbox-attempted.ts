import type { MigrationInterface, QueryRunner } from 'typeorm';
import { index } from './schema-types.js';

const OUTBOX = 'outbox_messages';
const ATTEMPTED = 'ix_outbox_attempted';

/** An echo can only be of the first send of its conversation, which another index finds: every send was paying for this one. */
export class DropOutboxAttempted1764700000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    if (await this.stands(queryRunner)) await queryRunner.dropIndex(OUTBOX, ATTEMPTED);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    if (!(await this.stands(queryRunner))) {
      await queryRunner.createIndex(OUTBOX, index(ATTEMPTED, 'account_id', 'conversation_id', 'attempted_at'));
    }
  }

  private async stands(queryRunner: QueryRunner): Promise<boolean> {
    const table = await queryRunner.getTable(OUTBOX);
    return table?.indices.some(({ name }) => name === ATTEMPTED) === true;
  }
}
