import { Injectable } from '@nestjs/common';
import type { Principal } from '../common/request-context.js';
import { AppSettings } from '../config/index.js';
import { equalInConstantTime } from '../crypto/index.js';
import { TransactionRunner } from '../database/index.js';
import type { ApiKey } from './api-key.js';
import { ApiKeyRepository } from './api-key.repository.js';

/** How long a key that another instance deleted may still be good here. */
const LIFETIME_MS = 1000;
const CAPACITY = 1000;

export const ENVIRONMENT_ADMIN: Principal = { actor: 'api-key:ADMIN_API_KEY', role: 'admin', accountIds: null };

/** Who stands behind a key. Only good keys are remembered, so a key works from the moment it is made. */
@Injectable()
export class Principals {
  private readonly recent = new Map<string, { readonly principal: Principal; readonly until: number }>();

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
    if (known && known.until > performance.now()) return known.principal;
    this.recent.delete(hash);
    const key = await this.transactions.read((tx) => this.keys.findByHash(tx, hash));
    if (!key) return null;
    const principal = principalOf(key);
    if (this.recent.size >= CAPACITY) this.recent.clear();
    this.recent.set(hash, { principal, until: performance.now() + LIFETIME_MS });
    return principal;
  }

  forget(hash: string): void {
    this.recent.delete(hash);
  }
}

function principalOf(key: ApiKey): Principal {
  return { actor: `api-key:${key.name}`, role: key.role, accountIds: key.accountIds };
}
