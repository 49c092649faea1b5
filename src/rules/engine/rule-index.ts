import type { ComparedFacts } from './compared-facts.js';
import type { CompiledRule } from './compiled-rule.js';
import { PatternTable } from './pattern-table.js';
import { PhraseAutomaton } from './phrase-automaton.js';
import { PrefixTable } from './prefix-table.js';
import type { RuleList } from './rule-order.js';
import { VALUE_TRIGGER_TYPES, valuesOf } from './trigger-values.js';
import type { TriggerType } from './trigger-types.js';

/**
 * Finds the few rules of very many that an event may match. The rules themselves have the last word: what is named here
 * may turn out not to match, but nothing that matches is left out.
 */
export class RuleIndex {
  /** By trigger and what is looked for; '' where that is anything, or a pattern. */
  private readonly byValue: ReadonlyMap<TriggerType, ReadonlyMap<string, RuleList>>;
  private readonly prefixes: PrefixTable;
  private readonly phrases: PhraseAutomaton;
  private readonly commentPhrases: PhraseAutomaton;
  private readonly patterns: PatternTable;

  /** @param rules in the order in which they are tried. */
  constructor(rules: RuleList) {
    this.byValue = sortByValue(rules);
    const of = (type: TriggerType) => this.byValue.get(type) ?? NONE;
    this.prefixes = new PrefixTable(of('starts_with'));
    this.phrases = new PhraseAutomaton(of('contains'));
    this.commentPhrases = new PhraseAutomaton(of('comment'));
    this.patterns = new PatternTable(of('regex').get('') ?? []);
  }

  /** Adds to `found` lists that hold, together, all that may match; each list in order. */
  find(compared: ComparedFacts, found: Set<RuleList>): void {
    const add = (rules: RuleList): void => void found.add(rules);
    const { facts, text, comment } = compared;
    if (text !== null) {
      this.addWith('exact', text.folded, found);
      this.prefixes.find(text.folded, add);
      this.phrases.find(text.folded, add);
      this.patterns.find(text.caseless, add);
    }
    if (facts.kind === 'message' || facts.kind === 'postback') this.addWith('any', '', found);
    if (facts.storyReply) this.addWith('story_reply', '', found);
    if (facts.storyMention) this.addWith('story_mention', '', found);
    if (facts.kind === 'comment') this.addWith('comment', '', found);
    if (comment !== null) this.commentPhrases.find(comment.folded, add);
    for (const type of VALUE_TRIGGER_TYPES) {
      if (!this.byValue.has(type)) continue;
      const values = valuesOf(type, compared);
      if (values === null) continue;
      this.addWith(type, '', found);
      for (const { folded } of values) this.addWith(type, folded, found);
    }
  }

  private addWith(type: TriggerType, value: string, found: Set<RuleList>): void {
    const rules = this.byValue.get(type)?.get(value);
    if (rules !== undefined) found.add(rules);
  }
}

const NONE: ReadonlyMap<string, RuleList> = new Map();

/** A rule that cannot be used is in none. */
function sortByValue(rules: RuleList): Map<TriggerType, Map<string, CompiledRule[]>> {
  const sorted = new Map<TriggerType, Map<string, CompiledRule[]>>();
  for (const rule of rules) {
    const { wanted, definition } = rule;
    if (wanted === null) continue;
    let ofType = sorted.get(definition.triggerType);
    if (ofType === undefined) sorted.set(definition.triggerType, (ofType = new Map<string, CompiledRule[]>()));
    const same = ofType.get(wanted);
    if (same === undefined) ofType.set(wanted, [rule]);
    else same.push(rule);
  }
  return sorted;
}
