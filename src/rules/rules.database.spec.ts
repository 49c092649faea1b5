import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AT, RulesBed } from '../../test/support/rules-bed.js';
import { CooldownRepository } from './cooldown.repository.js';
import { factsOf } from './engine/facts.js';
import { RuleSets } from './rule-sets.js';

const later = (seconds: number) => new Date(AT.getTime() + seconds * 1000);
const facts = factsOf({ username: null, name: null, account: { username: 'shop' } }, 'message', 'hi');

describe('rules on a database', () => {
  let bed: RulesBed;

  beforeAll(async () => {
    bed = await RulesBed.open();
  });
  afterAll(async () => {
    await bed.close();
  });

  it('describes its tables as they are', async () => {
    const drift = await bed.dataSource.driver.createSchemaBuilder().log();
    expect(
      drift.upQueries.map((q) => q.query).filter((sql) => /response_rules|rule_sets|rule_cooldowns/.test(sql)),
    ).toEqual([]);
  });

  it('keeps a rule as it was given, for its account only', async () => {
    const rule = await bed.add('1', { enabled: false, priority: -5, triggerType: 'exact', triggerValue: '👍 Ünï' });
    expect(await bed.transactions.read((tx) => bed.rules.find(tx, '1', rule.id))).toEqual(rule);
    expect(await bed.transactions.read((tx) => bed.rules.find(tx, '2', rule.id))).toBeNull();
    await bed.transactions.run((tx) => bed.rules.update(tx, '2', rule.id, { name: 'stolen' }, AT));
    await bed.transactions.run((tx) => bed.rules.delete(tx, '2', rule.id));
    expect(await bed.transactions.read((tx) => bed.rules.find(tx, '1', rule.id))).toEqual(rule);
    await bed.transactions.run((tx) =>
      bed.rules.update(tx, '1', rule.id, { enabled: true, triggerValue: null }, later(1)),
    );
    expect(await bed.transactions.read((tx) => bed.rules.find(tx, '1', rule.id))).toEqual({
      ...rule,
      enabled: true,
      triggerValue: null,
      updatedAt: later(1),
    });
    await bed.transactions.run((tx) => bed.rules.delete(tx, '1', rule.id));
    expect(await bed.transactions.read((tx) => bed.rules.find(tx, '1', rule.id))).toBeNull();
  });

  it('lists newest first, page by page', async () => {
    const made = [
      await bed.add('2', { name: 'a' }),
      await bed.add('2', { name: 'b' }),
      await bed.add('2', { name: 'c' }),
    ]
      .map((r) => r.id)
      .reverse();
    const first = await bed.transactions.read((tx) => bed.rules.list(tx, '2', 2, undefined));
    const second = await bed.transactions.read((tx) => bed.rules.list(tx, '2', 2, first[1]?.id));
    expect([...first, ...second].map((r) => r.id)).toEqual(made);
  });

  it('sees a change at the next look, and rolls back with its transaction', async () => {
    const sets = new RuleSets(bed.rules);
    const look = async () =>
      (await bed.transactions.read((tx) => sets.forAccounts(tx, ['1', 'unknown', '1'])))
        .get('1')
        ?.evaluate(facts, () => false).ruleId;
    expect(await look()).toBeNull();
    const rule = await bed.add('1');
    expect(await look()).toBe(rule.id);
    const failing = bed.transactions.run(async (tx) => {
      await bed.rules.delete(tx, '1', rule.id);
      await bed.rules.raiseVersion(tx, '1');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await look()).toBe(rule.id);
    const before = (await bed.transactions.read((tx) => sets.forAccounts(tx, ['1']))).get('1');
    expect((await bed.transactions.read((tx) => sets.forAccounts(tx, ['1']))).get('1')).toBe(before);
    await bed.transactions.run(async (tx) => {
      await bed.rules.update(tx, '1', rule.id, { enabled: false }, AT);
      await bed.rules.raiseVersion(tx, '1');
    });
    expect(await look()).toBeNull();
  });

  it('remembers the latest firing per conversation and rule', async () => {
    const cooldowns = new CooldownRepository(bed.database.dialect);
    const key = { accountId: '1', conversationId: '1:7' };
    await bed.transactions.run((tx) =>
      cooldowns.record(tx, [
        { ...key, ruleId: 1, firedAt: AT },
        { ...key, ruleId: 1, firedAt: later(5) },
        { ...key, ruleId: 2, firedAt: AT },
      ]),
    );
    await bed.transactions.run((tx) =>
      cooldowns.record(tx, [
        { ...key, ruleId: 1, firedAt: AT },
        { ...key, ruleId: 2, firedAt: later(9) },
      ]),
    );
    const fired = await bed.transactions.read((tx) =>
      cooldowns.findFired(tx, [key, { accountId: '2', conversationId: '1:7' }]),
    );
    expect(fired).toEqual(
      new Map([
        [
          '1:7',
          new Map([
            [1, later(5)],
            [2, later(9)],
          ]),
        ],
      ]),
    );
    expect(await bed.transactions.read((tx) => cooldowns.findFired(tx, []))).toEqual(new Map());
  });
});
