import { Table, type MigrationInterface, type QueryRunner, type TableColumn } from 'typeorm';
import { accountReference, addMissing, columnsFor, dropExisting, index } from './schema-types.js';

/** A person who takes over, a person who opts out, a count against endless conversations; changes that come before their message. */
export class ExtendConversations1764100000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const c = columnsFor(queryRunner);
    for (const [table, columns] of added(queryRunner)) await addMissing(queryRunner, table, columns);
    await queryRunner.createTable(
      new Table({
        name: 'early_changes',
        columns: [
          c.ascii('account_id', 50, { isPrimary: true }),
          c.ascii('external_key', 43, { isPrimary: true }),
          c.ascii('dedupe_key', 43, { isPrimary: true }),
          c.ascii('kind', 20),
          c.long('payload'),
          c.time('occurred_at'),
          c.time('created_at'),
        ],
        indices: [index('ix_early_changes_age', 'account_id', 'created_at')],
        foreignKeys: [accountReference('early_changes')],
      }),
      true,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('early_changes', true);
    for (const [table, columns] of added(queryRunner)) await dropExisting(queryRunner, table, columns.map(({ name }) => name));
  }
}

function added(queryRunner: QueryRunner): [table: string, columns: TableColumn[]][] {
  const c = columnsFor(queryRunner);
  const nullable = { isNullable: true } as const;
  return [
    [
      'conversations',
      [
        c.time('takeover_until', nullable),
        c.integer('automatic_turns', { default: 0 }),
        c.time('automatic_turns_since', nullable),
        c.boolean('opted_out', { default: 0 }),
        c.time('consent_changed_at', nullable),
      ],
    ],
    ['instagram_business_accounts', [c.long('opt_out_confirmation', nullable), c.long('opt_in_confirmation', nullable)]],
  ];
}
