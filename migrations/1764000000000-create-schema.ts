import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { accountReference, columnsFor, index, uniqueIndex } from './schema-types.js';

/** Lanes are rows so that their locks die with the transaction that holds them. */
export const LANES = 64;

const TABLES = [
  'instagram_business_accounts', 'conversations', 'messages', 'idempotency_keys', 'response_rules', 'rule_sets',
  'rule_cooldowns', 'webhook_events', 'unrouted_events', 'outbox_messages', 'inbox_lanes', 'outbox_lanes', 'audit_log',
  'api_keys',
];

export class CreateSchema1764000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const c = columnsFor(queryRunner);
    const nullable = { isNullable: true } as const;
    const primary = { isPrimary: true } as const;
    const create = async (table: Table): Promise<void> => {
      await queryRunner.createTable(table, true);
    };

    await create(
      new Table({
        name: 'instagram_business_accounts',
        columns: [
          c.ascii('id', 50, primary),
          c.text('username', 255),
          c.ascii('status', 20),
          c.long('access_token'),
          c.long('app_secret'),
          c.long('webhook_verify_token'),
          c.ascii('webhook_verify_token_hash', 43),
          c.ascii('credential_key_id', 16),
          c.time('token_expires_at', nullable),
          c.ascii('token_status', 20),
          c.time('token_checked_at', nullable),
          c.integer('reply_max_age_minutes'),
          c.integer('takeover_minutes'),
          c.long('opt_out_words'),
          c.long('opt_in_words'),
          c.integer('max_automatic_turns'),
          c.time('deleted_at', nullable),
          c.time('created_at'),
          c.time('updated_at'),
        ],
        indices: [
          index('ix_accounts_newest', 'deleted_at', 'created_at', 'id'),
          index('ix_accounts_verify_token', 'webhook_verify_token_hash'),
          index('ix_accounts_credential_key', 'credential_key_id', 'id'),
        ],
      }),
    );

    await create(
      new Table({
        name: 'conversations',
        columns: [
          c.ascii('id', 120, primary),
          c.ascii('account_id', 50),
          c.ascii('participant_id', 50),
          c.text('participant_username', 255, nullable),
          c.text('participant_name', 255, nullable),
          c.time('profile_checked_at', nullable),
          c.time('last_message_at', nullable),
          c.time('last_inbound_at', nullable),
          c.time('window_closes_at', nullable),
          c.integer('message_count'),
          c.boolean('automation_paused'),
          c.time('automation_paused_until', nullable),
          c.text('automation_reason', 255, nullable),
          c.time('created_at'),
          c.time('updated_at'),
        ],
        indices: [
          index('ix_conversations_recent', 'account_id', 'last_message_at', 'id'),
          index('ix_conversations_username', 'account_id', 'participant_username'),
          index('ix_conversations_profile', 'participant_username', 'profile_checked_at', 'id'),
        ],
        foreignKeys: [accountReference('conversations')],
      }),
    );

    await create(
      new Table({
        name: 'messages',
        columns: [
          c.ascii('account_id', 50, primary),
          c.ascii('id', 36, primary),
          c.ascii('conversation_id', 120),
          c.integer('position'),
          c.ascii('direction', 10),
          c.ascii('kind', 40),
          c.long('text', nullable),
          c.long('attachments', nullable),
          c.binary('external_id', 1000, nullable),
          c.ascii('external_key', 43, nullable),
          c.integer('rule_id', nullable),
          c.ascii('status', 20),
          c.long('error', nullable),
          c.long('reactions', nullable),
          c.long('details', nullable),
          c.time('read_at', nullable),
          c.time('edited_at', nullable),
          c.time('deleted_at', nullable),
          c.time('sent_at', nullable),
          c.time('created_at'),
        ],
        indices: [
          index('ix_messages_conversation', 'account_id', 'conversation_id', 'position'),
          uniqueIndex('ux_messages_external', 'account_id', 'external_key'),
        ],
        foreignKeys: [accountReference('messages')],
      }),
    );

    await create(
      new Table({
        name: 'idempotency_keys',
        columns: [
          c.ascii('account_id', 50, primary),
          c.ascii('key_hash', 43, primary),
          c.ascii('request_hash', 43),
          c.ascii('message_id', 36),
          c.time('created_at'),
        ],
        indices: [index('ix_idempotency_keys_age', 'account_id', 'created_at')],
        foreignKeys: [accountReference('idempotency_keys')],
      }),
    );

    await create(
      new Table({
        name: 'response_rules',
        columns: [
          c.sequence('id'),
          c.ascii('account_id', 50),
          c.text('name', 255),
          c.boolean('enabled'),
          c.integer('priority'),
          c.ascii('trigger_type', 20),
          c.long('trigger_value', nullable),
          c.long('response_template'),
          c.integer('cooldown_seconds'),
          c.time('created_at'),
          c.time('updated_at'),
        ],
        indices: [index('ix_rules_order', 'account_id', 'priority', 'id'), index('ix_rules_newest', 'account_id', 'id')],
        foreignKeys: [accountReference('response_rules')],
      }),
    );

    await create(
      new Table({
        name: 'rule_sets',
        columns: [c.ascii('account_id', 50, primary), c.integer('version')],
        foreignKeys: [accountReference('rule_sets')],
      }),
    );

    await create(
      new Table({
        name: 'rule_cooldowns',
        columns: [
          c.ascii('account_id', 50, primary),
          c.ascii('conversation_id', 120, primary),
          c.integer('rule_id', primary),
          c.time('fired_at'),
        ],
        foreignKeys: [accountReference('rule_cooldowns')],
      }),
    );

    await create(
      new Table({
        name: 'webhook_events',
        columns: [
          c.sequence('id'),
          c.ascii('account_id', 50),
          c.ascii('dedupe_key', 43),
          c.ascii('kind', 40),
          c.integer('pending_lane', nullable),
          c.ascii('conversation_id', 120, nullable),
          c.ascii('status', 20),
          c.integer('attempts'),
          c.time('next_attempt_at', nullable),
          c.long('error', nullable),
          c.time('occurred_at'),
          c.time('received_at'),
          c.time('processed_at', nullable),
          c.long('payload'),
          c.long('decision', nullable),
        ],
        indices: [
          uniqueIndex('ux_webhook_events_dedupe', 'account_id', 'dedupe_key'),
          index('ix_webhook_events_status', 'account_id', 'status', 'id'),
          index('ix_webhook_events_pending', 'pending_lane', 'next_attempt_at', 'id'),
        ],
        foreignKeys: [accountReference('webhook_events')],
      }),
    );

    await create(
      new Table({
        name: 'unrouted_events',
        columns: [
          c.sequence('id'),
          c.ascii('dedupe_key', 43),
          c.ascii('kind', 40),
          c.text('reason', 255),
          c.time('occurred_at'),
          c.time('received_at'),
          c.long('payload'),
        ],
        indices: [
          uniqueIndex('ux_unrouted_events_dedupe', 'dedupe_key'),
          index('ix_unrouted_events_received', 'received_at'),
        ],
      }),
    );

    await create(
      new Table({
        name: 'outbox_messages',
        columns: [
          c.sequence('id'),
          c.ascii('account_id', 50),
          c.ascii('conversation_id', 120),
          c.ascii('message_id', 36),
          c.ascii('source', 20),
          c.ascii('status', 20),
          c.integer('attempts'),
          c.time('next_attempt_at'),
          c.time('attempted_at', nullable),
          c.integer('lookups'),
          c.time('send_before', nullable),
          c.long('request'),
          c.long('error', nullable),
          c.time('created_at'),
        ],
        indices: [
          uniqueIndex('ux_outbox_message', 'account_id', 'message_id'),
          index('ix_outbox_due', 'account_id', 'status', 'next_attempt_at', 'id'),
          index('ix_outbox_conversation', 'account_id', 'conversation_id', 'id'),
        ],
        foreignKeys: [accountReference('outbox_messages')],
      }),
    );

    await create(new Table({ name: 'inbox_lanes', columns: [c.integer('lane', primary)] }));
    await create(new Table({ name: 'outbox_lanes', columns: [c.integer('lane', primary)] }));

    await create(
      new Table({
        name: 'audit_log',
        columns: [
          c.sequence('id'),
          c.time('at'),
          c.text('actor', 255),
          c.ascii('action', 60),
          c.ascii('account_id', 50, nullable),
          c.text('target', 255),
          c.long('changes'),
          c.text('request_id', 100, nullable),
        ],
        indices: [
          index('ix_audit_account', 'account_id', 'id'),
          index('ix_audit_action', 'action', 'id'),
          index('ix_audit_account_action', 'account_id', 'action', 'id'),
        ],
      }),
    );

    await create(
      new Table({
        name: 'api_keys',
        columns: [
          c.ascii('id', 36, primary),
          c.text('name', 255),
          c.ascii('role', 20),
          c.long('account_ids', nullable),
          c.ascii('key_hash', 43),
          c.ascii('key_prefix', 20),
          c.time('created_at'),
        ],
        indices: [uniqueIndex('ux_api_keys_hash', 'key_hash'), index('ix_api_keys_newest', 'created_at', 'id')],
      }),
    );

    for (const table of ['inbox_lanes', 'outbox_lanes']) {
      const rows: unknown = await queryRunner.query(`SELECT lane FROM ${table}`);
      if (Array.isArray(rows) && rows.length > 0) continue;
      const lanes = Array.from({ length: LANES }, (_, lane) => `(${String(lane)})`).join(', ');
      await queryRunner.query(`INSERT INTO ${table} (lane) VALUES ${lanes}`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of [...TABLES].reverse()) await queryRunner.dropTable(table, true);
  }
}
