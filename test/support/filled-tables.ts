import type { DataSource } from 'typeorm';
import type { CredentialCipher } from '../../src/crypto/index.js';
import { insertAccount } from './account-row.js';

const ACCOUNT = '17841400000000001';
const OTHERS = 300;
const ROWS = 4000;
const PIECE = 500;

/** A few thousand rows in every table that is listed: with fewer, an optimizer rightly reads a table whole. */
export async function fillTables(dataSource: DataSource, cipher: CredentialCipher): Promise<{ account: string; accounts: string[]; conversation: string }> {
  const accounts = [ACCOUNT, ...Array.from({ length: OTHERS }, (_, index) => String(2_000_000 + index))];
  for (const id of accounts) {
    await insertAccount(dataSource, id);
    // Lists of accounts show the verify token, so it must open.
    const sealed = cipher.encrypt('verify', `${id}:webhook_verify_token`);
    await dataSource.query('UPDATE instagram_business_accounts SET webhook_verify_token = ? WHERE id = ?', [sealed, id]);
  }
  // An account has one row a task; every tenth has a problem.
  for (const [index, id] of accounts.entries()) {
    for (const task of ['token', 'subscription']) {
      await dataSource.query('INSERT INTO account_care (account_id, task, due_at, failures, problem_since) VALUES (?, ?, ?, 0, ?)', [
        id, task, new Date(), index % 10 === 0 ? new Date() : null,
      ]);
    }
  }
  // Half of everything belongs to the account that is asked about, the rest to the others.
  const owner = (index: number) => (index % 2 === 0 ? ACCOUNT : accounts[1 + (index % OTHERS)]!);
  const at = (index: number) => new Date(Date.UTC(2026, 0, 1) + index * 1000);
  const statuses = ['pending', 'processed', 'ignored', 'dead'];
  const conversation = (index: number) => `${owner(index)}:${String(index)}`;
  const busy = `${ACCOUNT}:0`;

  await fill(dataSource, 'conversations', (index) => ({
    id: conversation(index), account_id: owner(index), participant_id: String(index), last_message_at: index % 10 === 8 ? null : at(index),
    message_count: 0, automation_paused: 0, created_at: at(index), updated_at: at(index),
  }));
  await fill(dataSource, 'messages', (index) => ({
    account_id: owner(index), id: `message-${String(index)}`, conversation_id: index % 4 === 0 ? busy : conversation(index), position: index,
    direction: 'inbound', kind: 'text', text: 'hello', external_key: `key-${String(index)}`, status: 'received', created_at: at(index),
  }));
  await fill(dataSource, 'outbox_messages', (index) => ({
    account_id: owner(index), conversation_id: conversation(index), message_id: `message-${String(index)}`, source: 'rule',
    status: ['queued', 'sending', 'uncertain'][Math.floor(index / 2) % 3]!, attempts: 0, next_attempt_at: at(index), lookups: 0, request: '{}', created_at: at(index),
  }));
  await fill(dataSource, 'response_rules', (index) => ({
    account_id: owner(index), name: 'rule', enabled: 1, priority: 100, trigger_type: 'any', response_template: 'x', cooldown_seconds: 0,
    created_at: at(index), updated_at: at(index),
  }));
  await fill(dataSource, 'webhook_events', (index) => ({
    account_id: owner(index), dedupe_key: `key-${String(index)}`, kind: 'message', status: statuses[Math.floor(index / 2) % statuses.length]!,
    attempts: 0, occurred_at: at(index), received_at: at(index), payload: '{}',
  }));
  await fill(dataSource, 'unrouted_events', (index) => ({
    dedupe_key: `key-${String(index)}`, kind: 'message', reason: 'none', occurred_at: at(index), received_at: at(index), payload: '{}',
  }));
  await fill(dataSource, 'audit_log', (index) => ({
    at: at(index), actor: 'somebody', action: index % 3 === 0 ? 'rule.create' : 'account.update', account_id: index % 7 === 0 ? null : owner(index),
    target: 'x', changes: '{}',
  }));
  await fill(dataSource, 'api_keys', (index) => ({
    id: `key-${String(index)}`, name: 'key', role: 'viewer', key_hash: `hash-${String(index)}`, key_prefix: 'x', created_at: at(index),
  }));
  const tables = ['instagram_business_accounts', 'account_care', 'conversations', 'messages', 'response_rules', 'webhook_events', 'unrouted_events', 'audit_log', 'api_keys'];
  await dataSource.query(`ANALYZE TABLE ${tables.join(', ')}`);
  return { account: ACCOUNT, accounts, conversation: busy };
}

async function fill(dataSource: DataSource, table: string, row: (index: number) => Record<string, unknown>): Promise<void> {
  for (let from = 0; from < ROWS; from += PIECE) {
    const rows = Array.from({ length: PIECE }, (_, index) => row(from + index));
    const columns = Object.keys(rows[0]!);
    const places = `(${columns.map(() => '?').join(', ')})`;
    await dataSource.query(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${rows.map(() => places).join(', ')}`,
      rows.flatMap((values) => Object.values(values)),
    );
  }
}
