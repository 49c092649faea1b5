import type { CompiledRule } from './compiled-rule.js';

/** Rules in the order in which they are tried. */
export type RuleList = readonly CompiledRule[];

/** By priority, then id. */
export function compareRules(a: CompiledRule, b: CompiledRule): number {
  return a.definition.priority - b.definition.priority || a.definition.id - b.definition.id;
}

/** Each rule of several lists once, in order. Works out no more than it is asked for. */
export function* inOrder(lists: readonly RuleList[]): Generator<CompiledRule, void> {
  const next = lists.map(() => 0);
  for (;;) {
    let first: CompiledRule | undefined;
    for (const [which, list] of lists.entries()) {
      const rule = list[next[which] ?? 0];
      if (rule !== undefined && (first === undefined || compareRules(rule, first) < 0)) first = rule;
    }
    if (first === undefined) return;
    yield first;
    for (const [which, list] of lists.entries()) {
      const at = next[which] ?? 0;
      if (list[at] === first) next[which] = at + 1;
    }
  }
}

/** Where a rule stands, or would stand, in a list. */
export function placeOf(rule: CompiledRule, list: RuleList): number {
  let from = 0;
  let to = list.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const there = list[middle];
    if (there !== undefined && compareRules(there, rule) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}
