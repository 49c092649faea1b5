// @ts-check
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** @typedef {import('../../src/rules/engine/compiled-rule.js').RuleDefinition} RuleDefinition */
/** @typedef {import('../../src/rules/engine/facts.js').Facts} Facts */
/** @typedef {{ ruleId: number | null, reply: string | null }} Answer */
/** @typedef {(facts: Facts) => Answer | Promise<Answer>} Decide */

const ENGINE = '../../dist/src/rules/engine';
/** @type {(name: string) => Promise<any>} by address: `npm run types` does not need a build */
const built = (name) => import(new URL(`${ENGINE}/${name}.js`, import.meta.url).href);
const never = () => false;
const NOTHING = { ruleId: null, reply: null };

/** @typedef {import('../../src/rules/engine/compiled-rules.js')} Rules */
/** @typedef {import('../../src/rules/engine/compiled-rule.js')} Rule */
/** @typedef {import('../../src/rules/engine/compared-facts.js')} Compared */
/** @typedef {import('../../src/rules/engine/find-phrase.js')} Phrases */

/**
 * Each takes the same rules and gives what the same rule answers.
 * @type {Record<string, (definitions: RuleDefinition[]) => Promise<Decide>>}
 */
export const CONTESTANTS = {
  /** As the inbox does it, with the record of why each rule did or did not match. */
  async ours(definitions) {
    const { CompiledRules } = /** @type {Rules} */ (await built('compiled-rules'));
    const rules = CompiledRules.compile(definitions);
    return (facts) => rules.evaluate(facts, never, { mostShown: 20 });
  },

  /** Our own triggers and templates, each compiled once, tried one after the other. No record. */
  async loop(definitions) {
    const [{ CompiledRule }, { compareFacts }] = /** @type {[Rule, Compared]} */ (await Promise.all([built('compiled-rule'), built('compared-facts')]));
    const rules = definitions.map((definition) => new CompiledRule(definition));
    return (facts) => {
      const compared = compareFacts(facts);
      for (const rule of rules) {
        const result = rule.test(compared);
        if (result.matched) return { ruleId: rule.definition.id, reply: rule.render(facts, result.match) };
      }
      return NOTHING;
    };
  },

  /** With an operator that compares as ours does; it stops at the first rule that matches. */
  async 'json-rules-engine'(definitions) {
    const [{ CompiledRule }, { compareFacts }, { containsPhrase }] = /** @type {[Rule, Compared, Phrases]} */ (
      await Promise.all([built('compiled-rule'), built('compared-facts'), built('find-phrase')])
    );
    const load = createRequire(join(import.meta.dirname, '../peers/json-rules-engine/package.json'));
    const { Engine } = load('json-rules-engine');
    const engine = new Engine([], { allowUndefinedFacts: false });
    engine.addOperator('containsPhrase', (/** @type {string} */ text, /** @type {string} */ phrase) => containsPhrase(text, phrase));
    const rules = new Map(definitions.map((definition) => [definition.id, new CompiledRule(definition)]));
    for (const [place, rule] of [...rules.values()].entries()) {
      engine.addRule({
        conditions: { all: [{ fact: 'text', operator: 'containsPhrase', value: rule.wanted }] },
        event: { type: 'rule', params: { id: rule.definition.id } },
        priority: rules.size - place,
        onSuccess: () => engine.stop(),
      });
    }
    return async (facts) => {
      const { events } = await engine.run({ text: compareFacts(facts).text?.folded ?? '' });
      const rule = rules.get(events[0]?.params.id);
      return rule ? { ruleId: rule.definition.id, reply: rule.render(facts, { 0: rule.wanted }) } : NOTHING;
    };
  },
};

/**
 * What one changed rule of many costs ours.
 * @param {RuleDefinition[]} definitions
 */
export async function changeOne(definitions) {
  const { CompiledRules } = /** @type {Rules} */ (await built('compiled-rules'));
  let rules = CompiledRules.compile(definitions);
  const began = process.cpuUsage();
  const changes = 20;
  for (let change = 0; change < changes; change++) {
    const rule = definitions[(change * 37) % definitions.length];
    if (rule) rules = rules.with([{ ...rule, responseTemplate: `changed ${String(change)}` }], []);
  }
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000 / changes;
}

/** @param {string} text @returns {Promise<Facts>} */
export async function messageOf(text) {
  const { factsOf } = /** @type {typeof import('../../src/rules/engine/facts.js')} */ (await built('facts'));
  return factsOf({ username: 'jane.doe', name: null, account: { username: 'shop' } }, 'message', text);
}
