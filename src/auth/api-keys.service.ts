import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../audit/index.js';
import { Clock } from '../common/clock.js';
import { newId } from '../common/new-id.js';
import { decodeCursor, toPage, type Page } from '../common/pagination.js';
import type { RequestContext } from '../common/request-context.js';
import { TransactionRunner, type Tx } from '../database/index.js';
import type { ApiKey, IssuedApiKey, NewApiKey } from './api-key.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { hashOfApiKey, newApiKeySecret, shownPrefixOf } from './api-key.secret.js';
import { ApiKeyNotFoundError, ReservedKeyNameError } from './auth.errors.js';
import { ENVIRONMENT_KEY_NAME, Principals } from './principals.js';

@Injectable()
export class ApiKeysService {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly keys: ApiKeyRepository,
    private readonly principals: Principals,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** The key in the answer is shown this once: only its hash is kept. */
  async create(ctx: RequestContext, wanted: NewApiKey): Promise<IssuedApiKey> {
    if (wanted.name === ENVIRONMENT_KEY_NAME) throw new ReservedKeyNameError(wanted.name);
    return await this.transactions.run((tx) => this.issue(tx, ctx, newId(), wanted));
  }

  /** Newest first. */
  async list(limit: number, cursor: string | undefined): Promise<Page<ApiKey>> {
    const key = decodeCursor(cursor, ['number', 'string']);
    const before = key && { createdAt: new Date(key[0]), id: key[1] };
    const rows = await this.transactions.read((tx) => this.keys.list(tx, before, limit + 1));
    return toPage(rows, limit, (row) => row, (row) => [row.createdAt.getTime(), row.id]);
  }

  async delete(ctx: RequestContext, id: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      const key = await this.keys.find(tx, id);
      if (!key || !(await this.keys.delete(tx, id))) throw new ApiKeyNotFoundError(id);
      await this.audit.record(tx, ctx, {
        action: 'api_key.delete',
        accountId: null,
        target: `api_key:${id}`,
        changes: { name: key.name, role: key.role, accountIds: key.accountIds },
      });
      tx.afterCommit(() => { this.principals.forget(key.keyHash); });
    });
  }

  /** The first key of an empty database, or null where there are keys. `id` is fixed, so that of two instances one makes it. */
  async createFirst(ctx: RequestContext, id: string, wanted: NewApiKey): Promise<IssuedApiKey | null> {
    return await this.transactions.run(async (tx) =>
      (await this.keys.isEmpty(tx)) ? await this.issue(tx, ctx, id, wanted) : null,
    );
  }

  private async issue(tx: Tx, ctx: RequestContext, id: string, wanted: NewApiKey): Promise<IssuedApiKey> {
    const secret = newApiKeySecret();
    const key: ApiKey = {
      id,
      name: wanted.name,
      role: wanted.role,
      accountIds: wanted.accountIds === null ? null : [...new Set(wanted.accountIds)],
      keyPrefix: shownPrefixOf(secret),
      createdAt: this.clock.now(),
    };
    await this.keys.insert(tx, key, hashOfApiKey(secret));
    await this.audit.record(tx, ctx, {
      action: 'api_key.create',
      accountId: null,
      target: `api_key:${id}`,
      changes: { name: key.name, role: key.role, accountIds: key.accountIds },
    });
    return { ...key, key: secret };
  }
}
