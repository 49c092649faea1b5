import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors.js';
import { TransactionRunner } from '../database/index.js';
import { CompiledRules, type TraceEntry } from './engine/compiled-rules.js';
import { factsOf, type Facts, type FactsContext } from './engine/facts.js';
import { readFacts } from './engine/facts-from-event.js';
import { NO_EXTRAS, type ResponseExtras } from './engine/response-extras.js';
import { RuleRepository } from './rule.repository.js';
import { RuleSets } from './rule-sets.js';
import type { Rule } from './rule.js';
import { AccountOfRulesNotFoundError } from './rules.errors.js';

export interface RuleTest {
  readonly text?: string;
  readonly event?: unknown;
  readonly username?: string;
  readonly name?: string;
}

export interface RuleTestResult {
  readonly matched: boolean;
  readonly rule: Rule | null;
  readonly reply: string | null;
  readonly extras: ResponseExtras;
  readonly trace: readonly TraceEntry[];
}

/** Decides as for a real message, but sends, stores and remembers nothing; cooldowns count as over. */
@Injectable()
export class TestRulesUseCase {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly repository: RuleRepository,
    private readonly sets: RuleSets,
  ) {}

  async execute(accountId: string, test: RuleTest): Promise<RuleTestResult> {
    if ((test.text === undefined) === (test.event === undefined)) {
      throw new AppError('invalid', 'bad_rule_test', 'give exactly one of text and event');
    }
    return this.transactions.read(async (tx) => {
      const account = await this.repository.findAccount(tx, accountId);
      if (!account) throw new AccountOfRulesNotFoundError(accountId);
      const rules = (await this.sets.forAccounts(tx, [accountId])).get(accountId) ?? CompiledRules.NONE;
      const facts = readTest(test, {
        username: test.username ?? null,
        name: test.name ?? null,
        account: { id: accountId, username: account.username },
      });
      if (typeof facts === 'string') return { ...NO_ANSWER, trace: rules.traceOf(facts) };
      const { ruleId, reply, extras, trace } = rules.evaluate(facts, () => false);
      const rule = ruleId === null ? null : await this.repository.find(tx, accountId, ruleId);
      return { matched: ruleId !== null, rule, reply, extras, trace };
    });
  }
}

const NO_ANSWER = { matched: false, rule: null, reply: null, extras: NO_EXTRAS } as const;

/** The facts, or why nothing can answer. */
function readTest(test: RuleTest, who: FactsContext): Facts | string {
  return test.text === undefined ? readFacts(test.event, who) : factsOf(who, 'message', test.text);
}
