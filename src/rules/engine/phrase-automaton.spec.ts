import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CompiledRule } from './compiled-rule.js';
import { containsPhrase } from './find-phrase.js';
import { PhraseAutomaton } from './phrase-automaton.js';
import { PrefixTable } from './prefix-table.js';
import { NO_EXTRAS } from './response-extras.js';
import type { RuleList } from './rule-order.js';

/** Few letters, so that phrases overlap, begin alike and end in one another; a letter and a sign of two halves are among them. */
const unit = fc.constantFrom('a', 'b', ' ', ' ', '👍', '𐐷', '\u0301', '价', '-', '🇪', '🇸');
const someText = fc.string({ unit, maxLength: 14 });
const somePhrases = fc.uniqueArray(fc.string({ unit, minLength: 1, maxLength: 7 }), { maxLength: 12 });

const rule = new CompiledRule({
  id: 1, priority: 1, triggerType: 'any', triggerValue: null, responseTemplate: 'x', cooldownSeconds: 0, ...NO_EXTRAS,
});

/** Of the given values, those whose rules `find` reports. */
function reported(values: readonly string[], find: (rules: ReadonlyMap<string, RuleList>, report: (found: RuleList) => void) => void) {
  const rules = new Map(values.map((value): [string, RuleList] => [value, [rule]]));
  const found = new Set<RuleList>();
  find(rules, (list) => found.add(list));
  return values.filter((value) => found.has(rules.get(value) ?? []));
}

describe('PhraseAutomaton', () => {
  it('finds exactly the phrases that stand in the text as whole words', () => {
    fc.assert(
      fc.property(somePhrases, someText, (phrases, text) => {
        const found = reported(phrases, (rules, report) => {
          new PhraseAutomaton(rules).find(text, report);
        });
        expect(found).toEqual(phrases.filter((phrase) => containsPhrase(text, phrase)));
      }),
      { numRuns: 3000 },
    );
  });

  it('takes no longer for a thousand phrases that repeat themselves than the text is long', () => {
    const phrases = Array.from({ length: 1000 }, (_, length) => 'a '.repeat(length + 1).trim());
    const automaton = new PhraseAutomaton(new Map(phrases.map((phrase) => [phrase, [rule]])));
    let found = 0;
    const began = performance.now();
    automaton.find('a b '.repeat(600), () => found++);
    expect(found).toBe(600);
    expect(performance.now() - began).toBeLessThan(500);
  });
});

describe('PrefixTable', () => {
  it('finds exactly the beginnings that the text has', () => {
    fc.assert(
      fc.property(somePhrases, someText, (prefixes, text) => {
        const found = reported(prefixes, (rules, report) => {
          new PrefixTable(rules).find(text, report);
        });
        expect(found).toEqual(prefixes.filter((prefix) => text.startsWith(prefix)));
      }),
      { numRuns: 1000 },
    );
  });
});
