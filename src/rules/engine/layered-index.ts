import type { ComparedFacts } from './compared-facts.js';
import type { CompiledRule } from './compiled-rule.js';
import { compareRules, inOrder, type RuleList } from './rule-order.js';
import { RuleIndex } from './rule-index.js';

/**
 * An index of all rules, and a small one of those that have changed since: to index ten thousand anew takes tens of
 * milliseconds, during which nobody else is served, and somebody may be saving one rule after the other.
 */
export class LayeredIndex {
  private constructor(
    private readonly base: RuleIndex,
    /** In `base`, but no more as they were. */
    private readonly outdated: ReadonlySet<CompiledRule>,
    private readonly recent: RuleList,
    private readonly recentIndex = new RuleIndex(recent),
  ) {}

  static of(rules: RuleList): LayeredIndex {
    return new LayeredIndex(new RuleIndex(rules), new Set(), []);
  }

  /** @param rules all of them, as they are now. */
  with(added: RuleList, removed: ReadonlySet<CompiledRule>, rules: RuleList): LayeredIndex {
    const outdated = new Set([...this.outdated, ...removed]);
    const recent = [...this.recent.filter((rule) => !removed.has(rule)), ...added].sort(compareRules);
    if (outdated.size + recent.length > Math.max(MIN_CHANGES, rules.length / CHANGED_PART)) return LayeredIndex.of(rules);
    return new LayeredIndex(this.base, outdated, recent);
  }

  /** In order, the rules that may match; none that matches is left out. */
  *candidates(compared: ComparedFacts): Generator<CompiledRule, void> {
    const found = new Set<RuleList>();
    this.base.find(compared, found);
    if (this.recent.length > 0) this.recentIndex.find(compared, found);
    if (found.size === 0) return;
    for (const rule of inOrder([...found])) if (!this.outdated.has(rule)) yield rule;
  }
}

const MIN_CHANGES = 16;
const CHANGED_PART = 40;
