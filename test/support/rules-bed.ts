import { Entity, PrimaryColumn, type DataSource } from 'typeorm';
import { AuditRepository } from '../../src/audit/audit.repository.js';
import { AuditTrail } from '../../src/audit/index.js';
import type { TransactionRunner } from '../../src/database/index.js';
import { CooldownEntity } from '../../src/rules/cooldown.entity.js';
import { RuleEntity } from '../../src/rules/rule.entity.js';
import { RULE_DEFAULTS } from '../../src/rules/rule.policy.js';
import { RuleRepository } from '../../src/rules/rule.repository.js';
import type { Rule } from '../../src/rules/rule.js';
import { RuleSetEntity } from '../../src/rules/rule-set.entity.js';
import { RuleSets } from '../../src/rules/rule-sets.js';
import { RulesService } from '../../src/rules/rules.service.js';
import { TestRulesUseCase } from '../../src/rules/test-rules.usecase.js';
import { insertAccount } from './account-row.js';
import { openTestDatabase, type TestDatabaseHandle } from './database.js';

export const AT = new Date('2026-03-01T10:00:00.123Z');

export const fields = (over: object = {}) => ({
  ...RULE_DEFAULTS,
  name: 'r',
  triggerType: 'any' as const,
  responseTemplate: 'Hello from {{ account.username }}',
  ...over,
});

/** Only what the foreign keys point at. */
@Entity('instagram_business_accounts')
export class ReferencedAccount {
  @PrimaryColumn({ type: 'varchar', length: 50 })
  id!: string;
}

/** Rules on a real SQLite file, for the accounts `1` to `5` (called `shop1` to `shop5`), while the clock stands at `AT`. */
export class RulesBed {
  readonly dataSource: DataSource;
  readonly transactions: TransactionRunner;
  readonly rules: RuleRepository;
  readonly service: RulesService;

  private constructor(readonly database: TestDatabaseHandle) {
    const { dataSource, dialect, transactions } = database;
    this.dataSource = dataSource;
    this.transactions = transactions;
    this.rules = new RuleRepository(dialect);
    const clock = { now: () => AT };
    this.service = new RulesService(
      transactions,
      this.rules,
      new AuditTrail(new AuditRepository(dialect), clock),
      clock,
    );
  }

  static async open(): Promise<RulesBed> {
    const bed = new RulesBed(await openTestDatabase([RuleEntity, RuleSetEntity, CooldownEntity, ReferencedAccount]));
    for (const id of ['1', '2', '3', '4', '5']) await insertAccount(bed.dataSource, id, `shop${id}`);
    return bed;
  }

  async close(): Promise<void> {
    await this.database.close();
  }

  /** Past the service, and so past its checks and the audit. */
  add(accountId: string, over: object = {}): Promise<Rule> {
    return this.transactions.run(async (tx) => {
      const rule = await this.rules.insert(tx, accountId, fields(over), AT);
      await this.rules.raiseVersion(tx, accountId);
      return rule;
    });
  }

  /** As after a start, with no set of rules in memory. */
  newTestRules(): TestRulesUseCase {
    return new TestRulesUseCase(this.transactions, this.rules, new RuleSets(this.rules));
  }

  async audited(accountId: string, ruleId: number): Promise<{ action: string; changes: string }[]> {
    return await this.dataSource.query<{ action: string; changes: string }[]>(
      'SELECT action, changes FROM audit_log WHERE account_id = ? AND target = ? ORDER BY id',
      [accountId, `rule:${String(ruleId)}`],
    );
  }
}
