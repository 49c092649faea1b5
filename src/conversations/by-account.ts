import { placeholders, type SqlValue } from '../database/index.js';

/**
 * `(account_id = ? AND column IN (…)) OR …`: a condition on pairs that all three servers answer from an index that
 * starts with the account. (Row values in an IN list are not: MariaDB and SQLite read the whole table.)
 */
export function byAccount<Item extends { readonly accountId: string }>(
  items: readonly Item[],
  column: string,
  valueOf: (item: Item) => string,
): { readonly sql: string; readonly parameters: SqlValue[] } {
  const groups = new Map<string, Set<string>>();
  for (const item of items) {
    const values = groups.get(item.accountId) ?? new Set<string>();
    groups.set(item.accountId, values.add(valueOf(item)));
  }
  const parts: string[] = [];
  const parameters: SqlValue[] = [];
  for (const [accountId, values] of groups) {
    parts.push(`(account_id = ? AND ${column} IN (${placeholders(values.size)}))`);
    parameters.push(accountId, ...[...values].sort());
  }
  return { sql: `(${parts.join(' OR ')})`, parameters };
}

/** Slices that keep a statement far below the number of parameters a server takes. */
export function* inPieces<Item>(items: readonly Item[], size = 400): Generator<readonly Item[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
