import type { ComparedFacts } from './compared-facts.js';
import type { CompiledRule } from './compiled-rule.js';
import { placeOf, type RuleList } from './rule-order.js';

export interface TraceEntry {
  readonly ruleId: number;
  readonly matched: boolean;
  readonly reason: string;
}

interface NotedEntry {
  readonly place: number;
  readonly entry: TraceEntry;
}

/** What happened while rules were tried, put into words only for those that are shown. */
export class DecisionTrace {
  /** All that matched, those that were not run, and where it was given up. */
  private readonly noted: NotedEntry[] = [];

  constructor(
    private readonly rules: RuleList,
    private readonly compared: ComparedFacts,
  ) {}

  /** Rules are noted in order. @returns how many were tried up to it. */
  note(rule: CompiledRule, matched: boolean, reason: string): number {
    const place = placeOf(rule, this.rules);
    this.noted.push({ place, entry: { ruleId: rule.definition.id, matched, reason } });
    return place + 1;
  }

  /**
   * The first `tried` rules in their order. Of more than `most` of them, the last one, those that matched and were passed
   * over, and the first ones.
   */
  show(tried: number, most: number): TraceEntry[] {
    const shown: TraceEntry[] = [];
    const noted = this.alwaysShown(tried, most);
    let misses = Math.min(tried, most) - noted.length;
    let place = 0;
    for (const { place: next, entry } of noted) {
      for (; place < next && misses > 0; place++, misses--) shown.push(this.missOf(place));
      shown.push(entry);
      place = next + 1;
    }
    return shown;
  }

  private alwaysShown(tried: number, most: number): NotedEntry[] {
    const last = tried - 1;
    const noted = [...this.noted];
    if (tried > 0 && noted.at(-1)?.place !== last) noted.push({ place: last, entry: this.missOf(last) });
    return noted.length <= most ? noted : [...noted.slice(0, most - 1), ...noted.slice(-1)];
  }

  private missOf(place: number): TraceEntry {
    const rule = this.rules[place];
    return { ruleId: rule?.definition.id ?? 0, matched: false, reason: rule?.whyNot(this.compared) ?? '' };
  }
}
