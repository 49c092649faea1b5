import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { insertAccount } from '../../test/support/account-row.js';
import { openTestDatabase, type TestDatabaseHandle } from '../../test/support/database.js';
import { ReferencedAccount } from '../../test/support/rules-bed.js';
import { AuditRepository } from '../audit/audit.repository.js';
import { AuditEntity, AuditTrail } from '../audit/index.js';
import { SYSTEM_CONTEXT } from '../common/request-context.js';
import type { Tx } from '../database/index.js';
import { CooldownEntity } from './cooldown.entity.js';
import { factsOf } from './engine/facts.js';
import { RuleEntity } from './rule.entity.js';
import { RULE_DEFAULTS } from './rule.policy.js';
import { RuleRepository, type EnabledRule } from './rule.repository.js';
import { RuleSetEntity } from './rule-set.entity.js';
import { RuleSets } from './rule-sets.js';
import type { Rule, RuleFields } from './rule.js';
import { RulesService } from './rules.service.js';

/** Counts what is read, takes its time, and can be made to fail once. */
class WatchedRepository extends RuleRepository {
  rulesRead = 0;
  failsNext = false;

  override async listEnabled(tx: Tx, accountIds: readonly string[]): Promise<EnabledRule[]> {
    await new Promise(setImmediate);
    if (this.failsNext) {
      this.failsNext = false;
      throw new Error('the connection is gone');
    }
    return this.count(await super.listEnabled(tx, accountIds));
  }

  override async listEnabledByIds(tx: Tx, accountId: string, ids: readonly number[]): Promise<EnabledRule[]> {
    return this.count(await super.listEnabledByIds(tx, accountId, ids));
  }

  private count(found: EnabledRule[]): EnabledRule[] {
    this.rulesRead += found.length;
    return found;
  }
}

const fields = (over: Partial<RuleFields> = {}): RuleFields => ({
  ...RULE_DEFAULTS, name: 'r', triggerType: 'contains', triggerValue: 'price', responseTemplate: 'Hello', ...over,
});
/** No rule matches, so that the trace names them all. */
const facts = factsOf({ username: null, name: null, account: { username: 'shop' } }, 'message', 'Nothing of that');

describe('rule sets', () => {
  let database: TestDatabaseHandle;
  let rules: WatchedRepository;
  let service: RulesService;
  let now = Date.parse('2026-03-01T10:00:00.000Z');
  let accounts = 0;

  beforeAll(async () => {
    database = await openTestDatabase([RuleEntity, RuleSetEntity, CooldownEntity, AuditEntity, ReferencedAccount]);
    rules = new WatchedRepository(database.dialect);
    const clock = { now: () => new Date(now) };
    const audit = new AuditTrail(new AuditRepository(database.dialect), clock);
    service = new RulesService(database.transactions, rules, audit, clock);
  });
  afterAll(async () => {
    await database.close();
  });

  const newAccount = async () => {
    const id = String(++accounts);
    await insertAccount(database.dataSource, id);
    return id;
  };
  const traceOf = async (sets: RuleSets, id: string) => {
    const all = await database.transactions.read((tx) => sets.forAccounts(tx, [id]));
    return all.get(id)?.evaluate(facts, () => true).trace;
  };

  it('after any changes hold what one that reads everything holds, also of changes within one millisecond and on a clock that goes back', async () => {
    const change = fc.record({
      do: fc.constantFrom('create', 'update', 'update', 'delete'),
      which: fc.nat(),
      fields: fc.record(
        {
          enabled: fc.boolean(),
          priority: fc.integer({ min: 0, max: 3 }),
          triggerValue: fc.constantFrom('price', 'what', 'is the'),
          cooldownSeconds: fc.constantFrom(0, 9),
        },
        { requiredKeys: [] },
      ),
      clock: fc.constantFrom(-5, 0, 0, 1),
      look: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 25 }), async (changes) => {
        const id = await newAccount();
        const sets = new RuleSets(rules);
        let ids: number[] = [];
        for (const each of changes) {
          now += each.clock;
          const which = ids[each.which % ids.length];
          if (each.do === 'create' || which === undefined) {
            ids.push((await service.create(SYSTEM_CONTEXT, id, fields(each.fields))).id);
          } else if (each.do === 'update') await service.update(SYSTEM_CONTEXT, id, which, each.fields);
          else {
            await service.delete(SYSTEM_CONTEXT, id, which);
            ids = ids.filter((known) => known !== which);
          }
          if (each.look) expect(await traceOf(sets, id)).toEqual(await traceOf(new RuleSets(rules), id));
        }
        expect(await traceOf(sets, id)).toEqual(await traceOf(new RuleSets(rules), id));
      }),
      { numRuns: 30 },
    );
  });

  it('read only what has changed', async () => {
    const id = await newAccount();
    const sets = new RuleSets(rules);
    const made: Rule[] = [];
    for (let count = 0; count < 20; count++) made.push(await service.create(SYSTEM_CONTEXT, id, fields()));
    const readBy = async (work: () => Promise<unknown>) => {
      await work();
      rules.rulesRead = 0;
      await traceOf(sets, id);
      return rules.rulesRead;
    };
    expect(await readBy(async () => undefined)).toBe(20);
    expect(await readBy(async () => undefined)).toBe(0);
    expect(await readBy(() => service.update(SYSTEM_CONTEXT, id, made[3]!.id, { priority: 1 }))).toBe(1);
    expect(await readBy(() => service.delete(SYSTEM_CONTEXT, id, made[4]!.id))).toBe(0);
    expect(await readBy(() => service.create(SYSTEM_CONTEXT, id, fields()))).toBe(1);
    expect(await readBy(() => service.update(SYSTEM_CONTEXT, id, made[5]!.id, { enabled: false }))).toBe(0);
    expect((await traceOf(sets, id))?.length).toBe(19);
  });

  it('read thousands of rules in parts, and miss none', async () => {
    const [id, other] = [await newAccount(), await newAccount()];
    const sets = new RuleSets(rules);
    const count = 4100;
    await database.transactions.run(async (tx) => {
      for (let made = 0; made < count; made++) await rules.insert(tx, made % 41 === 0 ? other : id, fields(), new Date(now));
      for (const each of [id, other]) await rules.raiseVersion(tx, each);
    });
    const sizes = async () => {
      const all = await database.transactions.read((tx) => sets.forAccounts(tx, [id, other]));
      return [all.get(id)?.size, all.get(other)?.size];
    };
    expect(await sizes()).toEqual([4000, 100]);
    await service.create(SYSTEM_CONTEXT, id, fields());
    rules.rulesRead = 0;
    expect(await sizes()).toEqual([4001, 100]);
    expect(rules.rulesRead).toBe(1);
  });

  it('of several batches that notice a change at once, one reads it, and where it fails the others do', async () => {
    const id = await newAccount();
    await service.create(SYSTEM_CONTEXT, id, fields());
    // Within one transaction, since SQLite has one at a time: what matters is that they overlap.
    const together = async () => {
      const sets = new RuleSets(rules);
      rules.rulesRead = 0;
      const looks = await database.transactions.read((tx) =>
        Promise.allSettled([1, 2, 3].map(async () => (await sets.forAccounts(tx, [id])).get(id)?.size)),
      );
      return looks.map((look) => (look.status === 'fulfilled' ? look.value : 'failed'));
    };
    expect(await together()).toEqual([1, 1, 1]);
    expect(rules.rulesRead).toBe(1);
    rules.failsNext = true;
    expect(await together()).toEqual(['failed', 1, 1]);
  });

  it('never takes the rules of an account that was deleted and made again for the former ones', async () => {
    const id = await newAccount();
    const sets = new RuleSets(rules);
    for (let count = 0; count < 12; count++) await service.create(SYSTEM_CONTEXT, id, fields({ name: 'former' }));
    expect(await traceOf(sets, id)).toHaveLength(12);
    await database.dataSource.query('DELETE FROM response_rules WHERE account_id = ?', [id]);
    await database.dataSource.query('DELETE FROM rule_sets WHERE account_id = ?', [id]);
    now += 10_000; // by the clock alone, the second rule would have the version of the twelfth
    for (let count = 0; count < 2; count++) await service.create(SYSTEM_CONTEXT, id, fields({ name: 'new' }));
    expect(await traceOf(sets, id)).toHaveLength(2);
  });

  it('hide with an account that is being deleted', async () => {
    const id = await newAccount();
    const made = await service.create(SYSTEM_CONTEXT, id, fields());
    await database.dataSource.query(`UPDATE instagram_business_accounts SET deleted_at = '2026-03-01 10:00:00.000' WHERE id = ?`, [id]);
    const hidden = { kind: 'not_found', message: expect.stringContaining(id) };
    await expect(service.get(id, made.id)).rejects.toMatchObject(hidden);
    await expect(service.list(id, 10, undefined)).rejects.toMatchObject(hidden);
    await expect(service.update(SYSTEM_CONTEXT, id, made.id, { enabled: false })).rejects.toMatchObject(hidden);
    await expect(service.delete(SYSTEM_CONTEXT, id, made.id)).rejects.toMatchObject(hidden);
    await expect(service.create(SYSTEM_CONTEXT, id, fields())).rejects.toMatchObject(hidden);
  });

  it('an account may have 100 regex rules, enabled or not, and no more', async () => {
    const id = await newAccount();
    const pattern = { triggerType: 'regex', triggerValue: 'a+' } as const;
    const made: Rule[] = [];
    for (let count = 0; count < 100; count++)
      made.push(await service.create(SYSTEM_CONTEXT, id, fields({ ...pattern, enabled: count > 0 })));
    const other = await service.create(SYSTEM_CONTEXT, id, fields());
    const refused = { kind: 'invalid', code: 'too_many_patterns', message: expect.stringContaining('triggerType: ') };
    await expect(service.create(SYSTEM_CONTEXT, id, fields(pattern))).rejects.toMatchObject(refused);
    await expect(service.update(SYSTEM_CONTEXT, id, other.id, pattern)).rejects.toMatchObject(refused);
    expect(await service.get(id, other.id)).toMatchObject({ triggerType: 'contains' });
    // What is one already stays one, and another account has its own hundred.
    await service.update(SYSTEM_CONTEXT, id, made[0]!.id, { triggerValue: 'b+', enabled: true });
    await service.create(SYSTEM_CONTEXT, await newAccount(), fields(pattern));
    await service.update(SYSTEM_CONTEXT, id, made[0]!.id, { triggerType: 'exact' });
    await service.update(SYSTEM_CONTEXT, id, other.id, pattern);
  });
});
