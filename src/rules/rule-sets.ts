import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/index.js';
import { CompiledRules } from './engine/compiled-rules.js';
import { RuleRepository, type EnabledRule } from './rule.repository.js';
import { RuleSetMemory, type RuleSet } from './rule-set-memory.js';

/**
 * Accounts' rules, compiled and remembered. Every batch asks for the versions (one row an account), inside its own
 * transaction, so a change counts for the next batch on every instance. Where a version differs, the rules that changed are
 * read and compiled, and the rest kept.
 */
@Injectable()
export class RuleSets {
  private readonly memory = new RuleSetMemory();
  /** Being read by another batch at this moment: of many lanes that notice a change at once, one reads it. */
  private readonly loading = new Map<string, { version: number; sets: Promise<ReadonlyMap<string, RuleSet>> }>();

  constructor(private readonly rules: RuleRepository) {}

  /** An entry for each account asked for. */
  async forAccounts(tx: Tx, accountIds: readonly string[]): Promise<Map<string, CompiledRules>> {
    const wanted = [...new Set(accountIds)];
    const versions = await this.rules.listVersions(tx, wanted);
    const result = new Map(wanted.map((id) => [id, CompiledRules.NONE]));
    const take = (id: string, set: RuleSet | undefined): void => void result.set(id, set?.rules ?? CompiledRules.NONE);
    const missing = new Map<string, number>();
    const elsewhere = new Map<string, Promise<ReadonlyMap<string, RuleSet>>>();
    for (const [id, version] of versions) {
      const known = this.memory.recall(id);
      const loading = this.loading.get(id);
      if (known?.version === version) take(id, known);
      else if (loading?.version === version) elsewhere.set(id, loading.sets);
      else missing.set(id, version);
    }
    for (const [id, set] of await this.load(tx, missing)) take(id, set);
    for (const [id, sets] of elsewhere) take(id, await this.borrow(tx, id, versions.get(id) ?? 0, sets));
    this.memory.shrink();
    return result;
  }

  /** What another batch reads is as good as what this one would; where that failed, this one reads it itself. */
  private async borrow(
    tx: Tx,
    id: string,
    version: number,
    sets: Promise<ReadonlyMap<string, RuleSet>>,
  ): Promise<RuleSet | undefined> {
    const set = await sets.then(
      (loaded) => loaded.get(id),
      () => undefined,
    );
    return set ?? (await this.load(tx, new Map([[id, version]]))).get(id);
  }

  private async load(tx: Tx, versions: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, RuleSet>> {
    if (versions.size === 0) return new Map();
    const sets = this.read(tx, versions);
    for (const [id, version] of versions) this.loading.set(id, { version, sets });
    try {
      const loaded = await sets;
      for (const [id, set] of loaded) this.memory.remember(id, set);
      return loaded;
    } finally {
      for (const id of versions.keys()) if (this.loading.get(id)?.sets === sets) this.loading.delete(id);
    }
  }

  /** The version was read before the rules: rules newer than it are merely looked at once more the next time. */
  private async read(tx: Tx, versions: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, RuleSet>> {
    const sets = new Map<string, RuleSet>();
    const unknown: string[] = [];
    for (const [id, version] of versions) {
      const before = this.memory.recall(id);
      const set = before && (await this.readChanges(tx, id, version, before));
      if (set) sets.set(id, set);
      else unknown.push(id);
    }
    const all = new Map(unknown.map((id): [string, EnabledRule[]] => [id, []]));
    for (const rule of await this.rules.listEnabled(tx, unknown)) all.get(rule.accountId)?.push(rule);
    for (const [id, found] of all) {
      const rules = CompiledRules.compile(found.map(({ definition }) => definition));
      const changedAt = new Map(found.map((rule) => [rule.definition.id, rule.changedAt]));
      sets.set(id, { version: versions.get(id) ?? 0, rules, changedAt });
    }
    return sets;
  }

  /** Null: so much has changed that all of it is read as well. */
  private async readChanges(tx: Tx, id: string, version: number, before: RuleSet): Promise<RuleSet | null> {
    const changedAt = await this.rules.listEnabledTimes(tx, id);
    const changed = [...changedAt].filter(([rule, at]) => before.changedAt.get(rule) !== at).map(([rule]) => rule);
    if (changed.length > MAX_CHANGES) return null;
    const found = await this.rules.listEnabledByIds(tx, id, changed);
    for (const rule of changed) changedAt.delete(rule);
    for (const rule of found) changedAt.set(rule.definition.id, rule.changedAt);
    const gone = [...before.changedAt.keys()].filter((rule) => !changedAt.has(rule));
    const definitions = found.map(({ definition }) => definition);
    return { version, rules: before.rules.with(definitions, gone), changedAt };
  }
}

const MAX_CHANGES = 500;
