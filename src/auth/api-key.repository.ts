import { Injectable } from '@nestjs/common';
import { Dialect, SqlRepository, type SqlValue, type Tx } from '../database/index.js';
import type { ApiKey } from './api-key.js';
import { ApiKeyEntity } from './api-key.entity.js';

@Injectable()
export class ApiKeyRepository extends SqlRepository {
  constructor(dialect: Dialect) {
    super(dialect);
  }

  async findByHash(tx: Tx, hash: string): Promise<ApiKey | null> {
    const row = await this.repository(tx, ApiKeyEntity).findOneBy({ keyHash: hash });
    return row && toApiKey(row);
  }

  async find(tx: Tx, id: string): Promise<(ApiKey & { readonly keyHash: string }) | null> {
    const row = await this.repository(tx, ApiKeyEntity).findOneBy({ id });
    return row && { ...toApiKey(row), keyHash: row.keyHash };
  }

  async isEmpty(tx: Tx): Promise<boolean> {
    const rows = await this.select(tx, 'SELECT id FROM api_keys LIMIT 1');
    return rows.length === 0;
  }

  /** Newest first. */
  async list(tx: Tx, before: { createdAt: Date; id: string } | undefined, limit: number): Promise<ApiKey[]> {
    const parameters: SqlValue[] = [];
    let where = '';
    if (before) {
      const at = this.dialect.time(before.createdAt);
      where = 'WHERE created_at < ? OR (created_at = ? AND id < ?)';
      parameters.push(at, at, before.id);
    }
    const rows = await this.select<ApiKeyRow>(
      tx,
      `SELECT id, name, role, account_ids, key_prefix, created_at FROM api_keys ${where} ORDER BY created_at DESC, id DESC LIMIT ?`,
      [...parameters, limit],
    );
    return rows.map((row) =>
      toApiKey({
        id: row.id,
        name: row.name,
        role: row.role,
        accountIds: row.account_ids,
        keyPrefix: row.key_prefix,
        createdAt: this.dialect.readTime(row.created_at) ?? new Date(0),
      }),
    );
  }

  async insert(tx: Tx, key: ApiKey, keyHash: string): Promise<void> {
    await this.repository(tx, ApiKeyEntity).insert({
      ...key,
      keyHash,
      accountIds: key.accountIds === null ? null : JSON.stringify(key.accountIds),
    });
  }

  /** @returns false when it was gone already */
  async delete(tx: Tx, id: string): Promise<boolean> {
    return (await this.execute(tx, 'DELETE FROM api_keys WHERE id = ?', [id])) > 0;
  }
}

function toApiKey(row: Omit<ApiKeyEntity, 'keyHash'>): ApiKey {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    accountIds: row.accountIds === null ? null : (JSON.parse(row.accountIds) as string[]),
    keyPrefix: row.keyPrefix,
    createdAt: row.createdAt,
  };
}

interface ApiKeyRow {
  readonly id: string;
  readonly name: string;
  readonly role: ApiKey['role'];
  readonly account_ids: string | null;
  readonly key_prefix: string;
  readonly created_at: unknown;
}
