export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who is calling. `accountIds` null: every account. */
export interface Principal {
  /** What the audit trail writes: `api-key:<name>`, `cli`, `system`. */
  readonly actor: string;
  readonly role: Role;
  readonly accountIds: readonly string[] | null;
}

/** First argument of every use case that changes something: it cannot be forgotten. */
export interface RequestContext {
  readonly principal: Principal;
  readonly requestId: string | null;
}

export const SYSTEM_CONTEXT: RequestContext = {
  principal: { actor: 'system', role: 'admin', accountIds: null },
  requestId: null,
};

export const CLI_CONTEXT: RequestContext = {
  principal: { actor: 'cli', role: 'admin', accountIds: null },
  requestId: null,
};

export function maySee(principal: Principal, accountId: string): boolean {
  return principal.accountIds === null || principal.accountIds.includes(accountId);
}
