import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/index.js';
import { CompiledRules } from './engine/compiled-rules.js';
import { RuleRepository } from './rule.repository.js';
import type { Rule } from './rule.js';

/**
 * Accounts' rules, compiled and remembered. Every batch asks for the versions (one row an account), inside its own
 * transaction, so a change counts for the next batch on every instance; rules are read only where a version differs.
 */
@Injectable()
export class RuleSets {
  private readonly known = new Map<string, { version: number; rules: CompiledRules }>();
  private size = 0;

  constructor(private readonly rules: RuleRepository) {}

  /** An entry for each account asked for. */
  async forAccounts(tx: Tx, accountIds: readonly string[]): Promise<Map<string, CompiledRules>> {
    const wanted = [...new Set(accountIds)];
    const versions = await this.rules.listVersions(tx, wanted);
    const result = new Map<string, CompiledRules>();
    const changed: string[] = [];
    for (const id of wanted) {
      const version = versions.get(id);
      if (version === undefined) result.set(id, CompiledRules.NONE);
      else if (this.known.get(id)?.version === version) result.set(id, this.recall(id));
      else changed.push(id);
    }
    // Version first, rules second: rules newer than their version are merely compiled once more at the next look.
    const definitions = byAccount(await this.rules.listEnabled(tx, changed));
    for (const id of changed) {
      const rules = CompiledRules.compile(definitions.get(id) ?? []);
      this.remember(id, versions.get(id) ?? 0, rules);
      result.set(id, rules);
    }
    this.shrink();
    return result;
  }

  private remember(accountId: string, version: number, rules: CompiledRules): void {
    this.size += rules.size - (this.known.get(accountId)?.rules.size ?? 0);
    this.known.set(accountId, { version, rules });
  }

  private recall(accountId: string): CompiledRules {
    const entry = this.known.get(accountId);
    if (!entry) return CompiledRules.NONE;
    this.known.delete(accountId); // to the end: the first entry is the one not asked for the longest
    this.known.set(accountId, entry);
    return entry.rules;
  }

  private shrink(): void {
    for (const [accountId, { rules }] of this.known) {
      if (this.size <= MAX_REMEMBERED_RULES && this.known.size <= MAX_REMEMBERED_ACCOUNTS) return;
      this.known.delete(accountId);
      this.size -= rules.size;
    }
  }
}

const MAX_REMEMBERED_RULES = 20_000;
const MAX_REMEMBERED_ACCOUNTS = 20_000;

function byAccount(rules: readonly Rule[]): Map<string, Rule[]> {
  const groups = new Map<string, Rule[]>();
  for (const rule of rules) {
    const group = groups.get(rule.accountId);
    if (group) group.push(rule);
    else groups.set(rule.accountId, [rule]);
  }
  return groups;
}
