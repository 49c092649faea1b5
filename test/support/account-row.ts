import type { DataSource } from 'typeorm';

/** The row other tables refer to, for tests of the database alone: no service, no usable secret. */
export async function insertAccount(dataSource: DataSource, id: string, username = 'shop'): Promise<void> {
  const at = '2026-01-01 00:00:00.000';
  const row = {
    id, username, status: 'active', access_token: '-', app_secret: '-', webhook_verify_token: '-',
    webhook_verify_token_hash: '-', credential_key_id: '-', token_status: 'valid', reply_max_age_minutes: 60,
    takeover_minutes: 30, opt_out_words: '[]', opt_in_words: '[]', max_automatic_turns: 20, created_at: at, updated_at: at,
  };
  const columns = Object.keys(row);
  await dataSource.query(
    `INSERT INTO instagram_business_accounts (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
    Object.values(row),
  );
}
