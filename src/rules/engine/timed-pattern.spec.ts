import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RuleDefinition } from './compiled-rule.js';
import { CompiledRules } from './compiled-rules.js';
import { factsOf } from './facts.js';
import { Pattern } from './pattern.js';
import { NO_EXTRAS } from './response-extras.js';

const rule = (over: Partial<RuleDefinition>): RuleDefinition => ({
  id: 1, priority: 1, triggerType: 'regex', triggerValue: 'order', responseTemplate: 'by pattern', cooldownSeconds: 0, ...NO_EXTRAS, ...over,
});

describe('a pattern that takes long', () => {
  let now: number;
  let runs: number;
  /** What each run takes, in turn; the last one stands for the rest. */
  let takes: number[];
  const rules = () => CompiledRules.compile([rule({}), rule({ id: 2, triggerType: 'any', responseTemplate: 'fallback' })]);
  const ask = (compiled: CompiledRules, text = 'my order') =>
    compiled.evaluate(factsOf({ username: null, name: null, account: { username: 'shop' } }, 'message', text), () => false);

  beforeEach(() => {
    now = 5;
    runs = 0;
    const match = Pattern.prototype.match;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    jest.spyOn(Pattern.prototype, 'match').mockImplementation(function (this: Pattern, text) {
      runs++;
      now += (takes.length > 1 ? takes.shift() : takes[0]) ?? 0;
      return match.call(this, text);
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('still answers the text for which it took long, then rests, is not run, and the trace says so', () => {
    takes = [60];
    const compiled = rules();
    expect(ask(compiled).reply).toBe('by pattern');
    runs = 0;
    for (let i = 0; i < 10; i++) {
      const { reply, trace } = ask(compiled);
      expect(reply).toBe('fallback');
      expect(trace).toMatchObject([{ ruleId: 1, matched: false, reason: expect.stringMatching(/^not tried: the pattern took more than 50 ms/) }, { ruleId: 2 }]);
    }
    expect(runs).toBe(0);
    // Of a text that lacks what the pattern requires, the plain truth is known.
    expect(ask(compiled, 'hello').trace[0]?.reason).toBe('the pattern does not match');
    now += 60_000;
    takes = [1];
    expect(ask(compiled).reply).toBe('by pattern');
    expect(ask(compiled).reply).toBe('by pattern');
  });

  it('is run again when it took long once: a pause of the machine does not count', () => {
    takes = [5000, 1];
    const compiled = rules();
    expect([ask(compiled).reply, ask(compiled).reply]).toEqual(['by pattern', 'by pattern']);
  });

  it('does not rest any more once it is saved anew', () => {
    takes = [60, 60, 1];
    const compiled = rules();
    ask(compiled);
    expect(ask(compiled).reply).toBe('fallback');
    expect(ask(compiled.with([], [])).reply).toBe('fallback');
    expect(ask(compiled.with([rule({})], [])).reply).toBe('by pattern');
  });
});
