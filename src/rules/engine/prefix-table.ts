import type { RuleList } from './rule-order.js';

/** Finds which of many beginnings a text has: one look for each length that occurs. */
export class PrefixTable {
  private readonly lengths: readonly number[];

  constructor(private readonly prefixes: ReadonlyMap<string, RuleList>) {
    this.lengths = [...new Set([...prefixes.keys()].map((prefix) => prefix.length))].sort((a, b) => a - b);
  }

  find(text: string, report: (rules: RuleList) => void): void {
    for (const length of this.lengths) {
      if (length > text.length) return;
      const rules = this.prefixes.get(text.slice(0, length));
      if (rules !== undefined) report(rules);
    }
  }
}
