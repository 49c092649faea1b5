import { Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { Principal } from '../common/request-context.js';
import { AppSettings } from '../config/index.js';
import { equalInConstantTime } from '../crypto/index.js';
import { TransactionRunner } from '../database/index.js';
import type { ApiKey } from './api-key.js';
import { ApiKeyRepository } from './api-key.repository.js';

/** How long a key that another instance deleted may still be good here. */
const LIFETIME_MS = 1000;
/** For how long a key is recalled that was good when the database was last asked; and how long it may take to answer then. */
const RECALL_MS = 10 * 60_000;
const PATIENCE_MS = 1000;
const CAPACITY = 1000;

export const ENVIRONMENT_KEY_NAME = 'ADMIN_API_KEY';
export const ENVIRONMENT_ADMIN: Principal = { actor: `api-key:${ENVIRONMENT_KEY_NAME}`, role: 'admin', accountIds: null };

/** Who stands behind a key. Only good keys are remembered, so a key works from the moment it is made. */
@Injectable()
export class Principals {
  private readonly recent = new Map<string, { readonly principal: Principal; readonly readAt: number }>();
  private forgotten = 0;

  constructor(
    private readonly transactions: TransactionRunner,
    private readonly keys: ApiKeyRepository,
    private readonly settings: AppSettings,
  ) {}

  /** The key in ADMIN_API_KEY is compared, never stored: it is good while the variable is set. */
  isEnvironmentAdmin(key: string): boolean {
    return this.settings.adminApiKey !== null && equalInConstantTime(key, this.settings.adminApiKey);
  }

  /** Null: there is no such key. */
  async findByHash(hash: string): Promise<Principal | null> {
    const known = this.recent.get(hash);
    return known && known.readAt + LIFETIME_MS > performance.now() ? known.principal : await this.read(hash);
  }

  /**
   * The same. But when the database does not answer, whoever was behind the key some minutes ago. A key that another instance
   * deleted right before is let through for as long, too.
   */
  async recallByHash(hash: string): Promise<Principal | null> {
    const known = this.recent.get(hash);
    const found = this.findByHash(hash);
    if (!known || known.readAt + RECALL_MS < performance.now()) return await found;
    return await Promise.race([found.catch(() => known.principal), delay(PATIENCE_MS, known.principal, { ref: false })]);
  }

  forget(hash: string): void {
    this.recent.delete(hash);
    this.forgotten += 1;
  }

  private async read(hash: string): Promise<Principal | null> {
    const { forgotten } = this;
    const key = await this.transactions.read((tx) => this.keys.findByHash(tx, hash));
    if (!key) {
      this.recent.delete(hash);
      return null;
    }
    const principal = principalOf(key);
    // Read before a deletion committed, it would be remembered beyond it.
    if (forgotten !== this.forgotten) return principal;
    if (this.recent.size >= CAPACITY) this.recent.clear();
    this.recent.set(hash, { principal, readAt: performance.now() });
    return principal;
  }
}

function principalOf(key: ApiKey): Principal {
  return { actor: `api-key:${key.name}`, role: key.role, accountIds: key.accountIds };
}
