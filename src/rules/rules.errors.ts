import { AppError } from '../common/errors.js';

export class RuleNotFoundError extends AppError {
  constructor(ruleId: number) {
    super('not_found', 'rule_not_found', `rule ${String(ruleId)} does not exist in this account`);
  }
}

export class AccountOfRulesNotFoundError extends AppError {
  constructor(accountId: string) {
    super('not_found', 'account_not_found', `account ${accountId} does not exist`);
  }
}

export class InvalidRuleError extends AppError {
  constructor(problems: readonly string[]) {
    super('invalid', 'invalid_rule', problems.join('; '), problems);
  }
}

export class TooManyPatternsError extends AppError {
  constructor(most: number) {
    const message =
      `triggerType: the account has ${String(most)} regex rules, enabled or not, and may not have more; ` +
      'delete one of them, write several patterns as one (a|b), or use exact, contains or starts_with, of which there may be any number';
    super('invalid', 'too_many_patterns', message, [message]);
  }
}
