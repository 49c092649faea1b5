import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { RuleDefinition } from './compiled-rule.js';
import { CompiledRules, isCoolingDown } from './compiled-rules.js';
import { factsOf, type Facts } from './facts.js';
import { Pattern } from './pattern.js';
import { NO_EXTRAS } from './response-extras.js';

let nextId = 1;
const rule = (over: Partial<RuleDefinition> = {}): RuleDefinition => ({
  id: nextId++,
  priority: 100,
  triggerType: 'any',
  triggerValue: null,
  responseTemplate: 'reply',
  cooldownSeconds: 0,
  ...NO_EXTRAS,
  ...over,
});
const message = (text: string | null, over: Partial<Facts> = {}): Facts =>
  factsOf({ username: null, name: null, account: { username: 'shop' } }, 'message', text, over);
const never = () => false;
const replyTo = (facts: Facts, ...rules: RuleDefinition[]) => CompiledRules.compile(rules).evaluate(facts, never).reply;

describe('CompiledRules', () => {
  it.each([
    ['exact', 'Hello', ' hELLO ', true],
    ['exact', 'hello', 'hello there', false],
    ['exact', '👍', '👍', true],
    ['exact', '👍', '👍🏽', true],
    ['contains', 'opening hours', 'Your OPENING hours, please', true],
    ['contains', 'opening hours', 'Your opening\nhours, please', true],
    ['contains', 'opening   hours', 'Your opening hours, please', true],
    ['contains', 'open', 'Your opening', false],
    ['exact', 'opening hours', 'opening  hours', true],
    ['starts_with', 'opening hours', 'opening\u00A0 hours?', true],
    ['regex', 'opening hours', 'opening  hours', false],
    ['starts_with', 'order', 'Orders of today', true],
    ['starts_with', 'order', 'my order', false],
    ['contains', "what's the price", 'Hi! What’s the price?', true],
    ['exact', 'C’est combien ?', "c'est combien ?", true],
    ['contains', "can't", 'I canʼt', true],
    ['contains', 'can', 'I canʼt', true],
    ['regex', 'order\\s+(\\d+)', 'My ORDER  42', true],
    ['regex', '^order$', 'my order', false],
    ['regex', 'цена', 'ЦЕНА?', true],
    ['contains', 'fiyat', 'FİYAT ne kadar?', true],
    ['exact', 'FİYAT', 'fiyat', true],
  ] as const)('%s %j on %j: %j', (triggerType, triggerValue, text, matches) => {
    expect(replyTo(message(text), rule({ triggerType, triggerValue })) !== null).toBe(matches);
  });

  it('lets only `any` answer postbacks and messages without text', () => {
    const facts = [message(null), message('   '), message('Hello', { kind: 'postback' })];
    for (const each of facts) {
      expect(
        replyTo(
          each,
          rule({ triggerType: 'regex', triggerValue: '.*' }),
          rule({ triggerType: 'exact', triggerValue: 'hello' }),
        ),
      ).toBeNull();
      expect(replyTo(each, rule())).toBe('reply');
    }
  });

  it('passes over an answer to a comment that one message cannot hold', () => {
    const comment = { triggerType: 'comment', triggerValue: null } as const;
    const long = rule({ ...comment, responseTemplate: `{{ text }} ${'a'.repeat(995)}` });
    const { ruleId, trace } = CompiledRules.compile([long, rule({ ...comment, responseTemplate: 'short' })]).evaluate(message('Price?', { kind: 'comment' }), never);
    expect(ruleId).not.toBe(long.id);
    expect(trace[0]).toMatchObject({ ruleId: long.id, matched: true, reason: expect.stringMatching(/passed over: the reply is too long.*1000 bytes/) });
    expect(replyTo(message('Price?'), rule({ responseTemplate: 'a'.repeat(2000) }))).toHaveLength(2000);
  });

  it('answers by the first match, by priority and then id', () => {
    const definitions = fc.uniqueArray(
      fc.record({
        id: fc.integer({ min: 1, max: 1000 }),
        priority: fc.integer({ min: -3, max: 3 }),
        hit: fc.boolean(),
      }),
      {
        selector: (r) => r.id,
      },
    );
    fc.assert(
      fc.property(definitions, (given) => {
        const rules = given.map(({ id, priority, hit }) =>
          rule({ id, priority, triggerType: 'exact', triggerValue: hit ? 'yes' : 'no' }),
        );
        const expected = given.filter((r) => r.hit).sort((a, b) => a.priority - b.priority || a.id - b.id)[0];
        const decision = CompiledRules.compile(rules).evaluate(message('yes'), never);
        expect(decision.ruleId).toBe(expected?.id ?? null);
        expect(decision.decision).toBe(expected ? 'matched' : 'none');
        expect(decision.trace.filter((entry) => entry.matched).map((entry) => entry.ruleId)).toEqual(
          expected ? [expected.id] : [],
        );
      }),
    );
  });

  it('goes on to the next rule when one is cooling down, says nothing or fails, and tells why', () => {
    const rules = [
      rule({ id: 1, cooldownSeconds: 60 }),
      rule({ id: 2, responseTemplate: '{{ username }}' }),
      rule({ id: 3, responseTemplate: '{% for i in (1..100000000) %}x{% endfor %}' }),
      rule({ id: 4, triggerType: 'regex', triggerValue: '(' }),
      rule({ id: 5, responseTemplate: 'fallback', cooldownSeconds: 5 }),
      rule({ id: 6 }),
    ];
    const decision = CompiledRules.compile(rules).evaluate(message('hi'), (id) => id === 1);
    expect(decision).toMatchObject({ decision: 'matched', ruleId: 5, reply: 'fallback', cooldownSeconds: 5 });
    expect(decision.trace.map((entry) => [entry.ruleId, entry.matched])).toEqual([
      [1, true],
      [2, true],
      [3, true],
      [4, false],
      [5, true],
    ]);
    expect(decision.trace.map((entry) => entry.reason)).toEqual([
      expect.stringContaining('cooling down'),
      expect.stringContaining('reply is empty'),
      expect.stringContaining('could not be made'),
      expect.stringContaining('cannot be used'),
      'every message and postback matches',
    ]);
  });

  it('asks for cooldowns only of rules that have one', () => {
    expect(CompiledRules.compile([rule()]).evaluate(message('x'), () => true).reply).toBe('reply');
    expect(CompiledRules.compile([rule()]).hasCooldowns).toBe(false);
    expect(CompiledRules.compile([rule({ cooldownSeconds: 1 })]).hasCooldowns).toBe(true);
  });

  it('gives the groups of a pattern to the template', () => {
    const order = rule({
      triggerType: 'regex',
      triggerValue: 'order (?P<no>\\d+)',
      responseTemplate: '{{ match }}: {{ match[1] }} {{ match.no }}',
    });
    expect(replyTo(message('My Order 42!'), order)).toBe('Order 42: 42 42');
  });

  it('hands on what goes with the text, and lets media go alone', () => {
    const media = { type: 'image', url: 'https://example.com/a.png' } as const;
    const buttons = [{ type: 'postback', title: 'a', payload: 'A' }] as const;
    const answer = (...rules: RuleDefinition[]) => CompiledRules.compile(rules).evaluate(message('hi'), never);
    expect(answer(rule({ buttons, typingSeconds: 3 }))).toMatchObject({
      reply: 'reply',
      extras: { buttons, media: null, typingSeconds: 3 },
    });
    expect(answer(rule({ responseTemplate: ' ', media }))).toMatchObject({
      decision: 'matched',
      reply: '',
      extras: { media },
    });
    // A template that renders nothing this time has nothing to say, media or not.
    expect(answer(rule({ responseTemplate: '{{ username }}', media }))).toMatchObject({
      decision: 'none',
      extras: NO_EXTRAS,
    });
  });

  it('takes over a rule that answers with something else', () => {
    const one = rule({ typingSeconds: 1 });
    const before = CompiledRules.compile([one]);
    const after = before.with([{ ...one, typingSeconds: 2 }], []);
    expect(after.evaluate(message('hi'), never).extras.typingSeconds).toBe(2);
  });

  it('is not stalled by a pattern that back-tracks elsewhere', () => {
    const start = performance.now();
    replyTo(message('a'.repeat(5000)), rule({ triggerType: 'regex', triggerValue: '(a+)+$b' }));
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('an account with rules made to stall everybody', () => {
  it('is stopped after a moment, and the trace says where', () => {
    const evil = Array.from({ length: 100 }, () => rule({ triggerType: 'regex', triggerValue: '[^b]{900}b' }));
    const { decision, trace } = CompiledRules.compile([...evil, rule()]).evaluate(message('b' + 'a'.repeat(20_000)), never);
    expect(trace.length).toBeLessThan(100);
    expect(decision).toBe('none');
    expect(trace.at(-1)?.reason).toContain('not tried');
  });

  it('is told the same of a template that is too slow while it rests, and the next rule answers', () => {
    let now = 1000;
    let tick = 60;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => (now += tick));
    try {
      const rules = CompiledRules.compile([rule({ responseTemplate: '{% for i in (1..9) %}{{ i }}{% endfor %}' }), rule({ responseTemplate: 'fallback', cooldownSeconds: 1 })]);
      // The other one is not rendered meanwhile: it would be too slow as well.
      const ask = () => rules.evaluate(message('hi'), () => true, { isPatienceOver: never }).trace[0];
      const first = ask();
      expect(first).toMatchObject({ matched: true, reason: expect.stringMatching(/passed over: the reply could not be made: template render limit exceeded/) });
      tick = 0;
      expect([ask(), ask()]).toEqual([first, first]);
      expect(rules.evaluate(message('hi'), never).reply).toBe('fallback');
    } finally {
      clock.mockRestore();
    }
  });

  it('a pattern too large to be run is refused when it is saved', () => {
    expect(() => Pattern.compile('(a?){1000}b')).toThrow('too large');
  });
});

describe('isCoolingDown', () => {
  const at = new Date('2026-01-01T00:01:00Z');
  it('ends when the seconds are over', () => {
    expect(isCoolingDown(undefined, 60, at)).toBe(false);
    expect(isCoolingDown(new Date('2026-01-01T00:00:00.001Z'), 60, at)).toBe(true);
    expect(isCoolingDown(new Date('2026-01-01T00:00:00.000Z'), 60, at)).toBe(false);
  });
});
