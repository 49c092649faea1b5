import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareFacts } from './compared-facts.js';
import { CompiledRule, type RuleDefinition } from './compiled-rule.js';
import { CompiledRules, type CooldownCheck, type RuleDecision } from './compiled-rules.js';
import { factsOf, type Facts, type FactsContext, type FactsKind } from './facts.js';
import { NO_EXTRAS } from './response-extras.js';
import { TRIGGER_TYPES } from './trigger-types.js';

const who: FactsContext = { username: 'jane', name: null, account: { username: 'shop' } };

/** What the index must come to: every rule tried, one after the other. */
function oneByOne(definitions: readonly RuleDefinition[], facts: Facts, isCoolingDown: CooldownCheck) {
  const compared = compareFacts(facts);
  const rules = definitions
    .map((definition) => new CompiledRule(definition))
    .sort((a, b) => a.definition.priority - b.definition.priority || a.definition.id - b.definition.id);
  const trace: RuleDecision['trace'][number][] = [];
  for (const rule of rules) {
    const { id: ruleId, cooldownSeconds } = rule.definition;
    const result = rule.test(compared);
    if (!result.matched) {
      trace.push({ ruleId, ...result });
      continue;
    }
    const cooling = cooldownSeconds > 0 && isCoolingDown(ruleId, cooldownSeconds);
    const reply = cooling ? '' : rule.render(facts, result.match);
    if (reply !== '') {
      trace.push({ ruleId, matched: true, reason: result.reason });
      return { ruleId, reply, tried: trace.length, trace };
    }
    const why = cooling ? 'the rule is cooling down' : 'the reply is empty';
    trace.push({ ruleId, matched: true, reason: `${result.reason}; passed over: ${why}` });
  }
  return { ruleId: null, reply: null, tried: trace.length, trace };
}

/** Few of them, so that texts and rules meet: words that overlap, fold together, have no borders, or are half a character. */
const PIECES = [
  ...['price', 'prices', 'the price', 'price the price', 'a', 'a a', 'Straße', 'STRASSE', 'ﬁn', 'fin', 'ς', 'Σ', 'ΟΔΟΣ'],
  ...['I', 'ı', 'İ', 'i̇', 'K', 'k', 'é', 'e\u0301', '\u0301', '👍', '👍🏽', '👨‍👩‍👧', '❤️', '❤', '\ud83d', '\udc4d', '价格', '多少', 'ราคา'],
  ...['c++', '#1', '42', '50€', '_', ' ', '  ', '\n', '\u200b', '\ufe0f', '-', '.', '', 'ŉ', 'ǰ', 'ß', '\u00ad', '１', '𝒂', 'ﷺ'],
];
const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 7 }).map((pieces) => pieces.join(''));
const spaced = fc.array(fc.constantFrom(...PIECES), { maxLength: 7 }).map((pieces) => pieces.join(' '));
const anyText = fc.oneof(text, spaced, fc.string({ unit: 'binary', maxLength: 6 }));

const PATTERNS = ['price', '^the', 'c\\+\\+', '(a|price)s?$', '\\d+', '[0-9]{2}', '.', '(?i)Σ', 'k', 'ß', 'strasse', 'é', '(?P<n>\\w+) price', 'a*', '(', '\\bprice\\b'];

const rule = fc.record({
  priority: fc.integer({ min: 0, max: 2 }),
  triggerType: fc.constantFrom(...TRIGGER_TYPES),
  triggerValue: fc.oneof({ weight: 6, arbitrary: anyText }, { weight: 1, arbitrary: fc.constant(null) }),
  pattern: fc.constantFrom(...PATTERNS),
  responseTemplate: fc.oneof(
    { weight: 5, arbitrary: fc.constant('{{ match }}|{{ match[1] }}|{{ match.n }}|{{ text }}') },
    { weight: 1, arbitrary: fc.constant('{{ name }}') },
  ),
  cooldownSeconds: fc.constantFrom(0, 0, 60),
});
const rules = fc.array(rule, { maxLength: 40 }).chain((given) =>
  fc.shuffledSubarray(given.map((_, index) => index + 1), { minLength: given.length }).map((ids) =>
    given.map(({ pattern, ...over }, index): RuleDefinition => {
      const triggerValue = over.triggerType === 'regex' ? pattern : over.triggerValue;
      return { ...over, ...NO_EXTRAS, triggerValue, id: ids[index] ?? 0 };
    }),
  ),
);

const facts = fc
  .record({
    kind: fc.constantFrom<FactsKind>('message', 'message', 'message', 'postback', 'reaction', 'referral', 'comment'),
    text: fc.option(anyText),
    payload: fc.option(anyText),
    quickReply: fc.boolean(),
    storyReply: fc.boolean(),
    storyMention: fc.boolean(),
    reaction: fc.option(fc.record({ name: fc.option(fc.constantFrom('love', 'a', 'other')), emoji: fc.option(anyText) })),
    referral: fc.option(fc.record({ ref: fc.option(anyText), adId: fc.option(anyText), source: fc.constant(null) })),
  })
  .map(({ kind, text: said, ...over }) => factsOf(who, kind, said, over));

const coolingDown: CooldownCheck = (ruleId) => ruleId % 2 === 0;

describe('the index', () => {
  it('comes to what trying every rule comes to, in every word of the trace', () => {
    fc.assert(
      fc.property(rules, facts, (definitions, event) => {
        const { ruleId, reply, tried, trace } = CompiledRules.compile(definitions).evaluate(event, coolingDown);
        expect({ ruleId, reply, tried, trace }).toEqual(oneByOne(definitions, event, coolingDown));
      }),
      { numRuns: 1000 },
    );
  });

  it('comes to the same after any number of changes', () => {
    const change = fc.record({ changed: rules, gone: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 4 }) });
    fc.assert(
      fc.property(rules, fc.array(change, { minLength: 1, maxLength: 5 }), facts, (definitions, changes, event) => {
        const now = new Map(definitions.map((definition) => [definition.id, definition]));
        let compiled = CompiledRules.compile(definitions);
        for (const { changed, gone } of changes) {
          const few = changed.slice(0, 5);
          const kept = gone.filter((id) => few.every((each) => each.id !== id));
          compiled = compiled.with(few, kept);
          for (const each of few) now.set(each.id, each);
          for (const id of kept) now.delete(id);
        }
        const { ruleId, reply, tried, trace } = compiled.evaluate(event, coolingDown);
        expect({ ruleId, reply, tried, trace }).toEqual(oneByOne([...now.values()], event, coolingDown));
      }),
      { numRuns: 500 },
    );
  });

  it('shows of many rules those that matched, the last one and the first ones', () => {
    fc.assert(
      fc.property(rules, facts, fc.integer({ min: 1, max: 12 }), (definitions, event, mostShown) => {
        const compiled = CompiledRules.compile(definitions);
        const whole = compiled.evaluate(event, coolingDown);
        const short = compiled.evaluate(event, coolingDown, { mostShown });
        expect({ ...short, trace: null }).toEqual({ ...whole, trace: null });
        expect(short.trace.length).toBe(Math.min(mostShown, whole.trace.length));
        expect(whole.trace.filter((entry) => short.trace.some(({ ruleId }) => ruleId === entry.ruleId))).toEqual(short.trace);
        expect(short.trace.at(-1)).toEqual(whole.trace.at(-1));
        const matches = whole.trace.slice(0, -1).filter(({ matched }) => matched).length;
        const shownMatches = short.trace.slice(0, -1).filter(({ matched }) => matched).length;
        expect(shownMatches).toBeGreaterThanOrEqual(Math.min(matches, mostShown - 1));
      }),
    );
  });
});
