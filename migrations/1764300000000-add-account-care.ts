import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { accountReference, addMissing, columnsFor, dropExisting, index } from './schema-types.js';

const ACCOUNTS = 'instagram_business_accounts';
const CARE = 'account_care';
const TASKS = ['token', 'subscription'];

/** What it takes to look after an account's token and its webhook subscription. */
export class AddAccountCare1764300000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const c = columnsFor(queryRunner);
    const nullable = { isNullable: true } as const;
    await addMissing(queryRunner, ACCOUNTS, [
      // Which token an answer of Graph is about. Null in rows written before: their key is not here to open them.
      c.ascii('access_token_hash', 43, nullable),
      c.time('token_stored_at', nullable),
      c.boolean('subscription_unmanaged', nullable),
    ]);
    await queryRunner.createTable(
      new Table({
        name: CARE,
        columns: [
          c.ascii('account_id', 50, { isPrimary: true }),
          c.ascii('task', 20, { isPrimary: true }),
          c.time('due_at'),
          c.integer('failures'),
          c.long('problem', nullable),
          c.time('problem_since', nullable),
          c.long('detail', nullable),
        ],
        indices: [index('ix_account_care_due', 'due_at', 'account_id', 'task'), index('ix_account_care_problem', 'problem_since', 'task')],
        foreignKeys: [accountReference(CARE)],
      }),
      true,
    );
    for (const task of TASKS) {
      await queryRunner.query(
        `INSERT INTO ${CARE} (account_id, task, due_at, failures)
         SELECT a.id, '${task}', a.created_at, 0 FROM ${ACCOUNTS} a
         WHERE NOT EXISTS (SELECT 1 FROM ${CARE} c WHERE c.account_id = a.id AND c.task = '${task}')`,
      );
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable(CARE, true);
    await dropExisting(queryRunner, ACCOUNTS, ['subscription_unmanaged', 'token_stored_at', 'access_token_hash']);
  }
}
