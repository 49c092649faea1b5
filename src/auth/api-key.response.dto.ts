import type { Page } from '../common/pagination.js';
import type { Role } from '../common/request-context.js';
import type { ApiKey, IssuedApiKey } from './api-key.js';

export class ApiKeyResponse {
  /** @example 019aaf60-5d0c-7c7b-b9a5-5f3c0b6f7a10 */
  id!: string;

  /**
   * Who or what uses it.
   * @example back office
   */
  name!: string;

  /** @example operator */
  role!: Role;

  /**
   * The only accounts the key reaches; null: every account.
   * @example ["17841400000000001"]
   */
  accountIds!: string[] | null;

  /**
   * The key's first characters.
   * @example igd_3Jx9aQ
   */
  keyPrefix!: string;

  /** @example 2026-01-31T12:00:00.000Z */
  createdAt!: string;

  static from(key: ApiKey): ApiKeyResponse {
    return {
      id: key.id,
      name: key.name,
      role: key.role,
      accountIds: key.accountIds === null ? null : [...key.accountIds],
      keyPrefix: key.keyPrefix,
      createdAt: key.createdAt.toISOString(),
    };
  }
}

export class IssuedApiKeyResponse extends ApiKeyResponse {
  /** The key, shown this once. Send it as `Authorization: Bearer <key>`. */
  key!: string;

  static override from(key: IssuedApiKey): IssuedApiKeyResponse {
    return Object.assign(ApiKeyResponse.from(key), { key: key.key });
  }
}

export class ApiKeyPageResponse {
  items!: ApiKeyResponse[];

  /** Pass as `cursor` to get the next page; null at the end. */
  nextCursor!: string | null;

  static from(page: Page<ApiKey>): ApiKeyPageResponse {
    return { items: page.items.map((key) => ApiKeyResponse.from(key)), nextCursor: page.nextCursor };
  }
}
