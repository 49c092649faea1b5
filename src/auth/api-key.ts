import type { Role } from '../common/request-context.js';

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Null: every account. */
  readonly accountIds: readonly string[] | null;
  /** The first characters, by which people recognise a key. */
  readonly keyPrefix: string;
  readonly createdAt: Date;
}

export interface NewApiKey {
  readonly name: string;
  readonly role: Role;
  readonly accountIds: readonly string[] | null;
}

/** A key just made, with the key itself: it is not known to anyone afterwards. */
export interface IssuedApiKey extends ApiKey {
  readonly key: string;
}
