import type { CompiledRules } from './engine/compiled-rules.js';
import type { ChangeMark } from './rule.repository.js';

/** An account's enabled rules as they were at one version. */
export interface RuleSet {
  readonly version: number;
  readonly rules: CompiledRules;
  /** When each was last changed, by its id. */
  readonly changedAt: ReadonlyMap<number, ChangeMark>;
}

/** The rules of the accounts asked for last, as many as fit. */
export class RuleSetMemory {
  private readonly sets = new Map<string, { readonly set: RuleSet; readonly weight: number }>();
  private weight = 0;

  recall(accountId: string): RuleSet | undefined {
    const entry = this.sets.get(accountId);
    if (entry === undefined) return undefined;
    this.sets.delete(accountId); // to the end: the first entry is the one not asked for the longest
    this.sets.set(accountId, entry);
    return entry.set;
  }

  remember(accountId: string, set: RuleSet): void {
    this.forget(accountId);
    const weight = set.rules.weight + WEIGHT_OF_ACCOUNT;
    this.sets.set(accountId, { set, weight });
    this.weight += weight;
  }

  shrink(): void {
    for (const accountId of this.sets.keys()) {
      if (this.weight <= MAX_WEIGHT) return;
      this.forget(accountId);
    }
  }

  private forget(accountId: string): void {
    this.weight -= this.sets.get(accountId)?.weight ?? 0;
    this.sets.delete(accountId);
  }
}

/** Characters, about as many bytes: ten accounts of ten thousand rules, or twenty thousand of a few. */
const MAX_WEIGHT = 120_000_000;
const WEIGHT_OF_ACCOUNT = 3000;
