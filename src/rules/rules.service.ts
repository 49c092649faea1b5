import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../audit/index.js';
import { Clock } from '../common/clock.js';
import { decodeCursor, toPage, type Page } from '../common/pagination.js';
import type { RequestContext } from '../common/request-context.js';
import { TransactionRunner, type Tx } from '../database/index.js';
import { setExtras } from './engine/response-extras.js';
import { checkedRule, MAX_PATTERNS } from './rule.policy.js';
import { RuleRepository } from './rule.repository.js';
import type { Rule, RuleFields } from './rule.js';
import { AccountOfRulesNotFoundError, RuleNotFoundError, TooManyPatternsError } from './rules.errors.js';

/** Every change, its audit entry and the new version of the account's rules commit together. */
@Injectable()
export class RulesService {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly rules: RuleRepository,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  async create(ctx: RequestContext, accountId: string, fields: RuleFields): Promise<Rule> {
    const checked = checkedRule(fields);
    return this.transactions.run(async (tx) => {
      await this.requireAccount(tx, accountId);
      const now = this.clock.now();
      await this.rules.raiseVersion(tx, accountId);
      if (checked.triggerType === 'regex') await this.requireRoomForPattern(tx, accountId);
      const rule = await this.rules.insert(tx, accountId, checked, now);
      await this.record(tx, ctx, 'rule.create', rule, shownFields(checked));
      return rule;
    });
  }

  async get(accountId: string, ruleId: number): Promise<Rule> {
    return this.transactions.read(async (tx) => {
      await this.requireAccount(tx, accountId);
      const rule = await this.rules.find(tx, accountId, ruleId);
      if (!rule) throw new RuleNotFoundError(ruleId);
      return rule;
    });
  }

  async list(accountId: string, limit: number, cursor: string | undefined): Promise<Page<Rule>> {
    const before = decodeCursor(cursor, ['number']);
    const rows = await this.transactions.read(async (tx) => {
      await this.requireAccount(tx, accountId);
      return this.rules.list(tx, accountId, limit + 1, before?.[0]);
    });
    return toPage(
      rows,
      limit,
      (rule) => rule,
      (rule) => [rule.id],
    );
  }

  async update(ctx: RequestContext, accountId: string, ruleId: number, given: Partial<RuleFields>): Promise<Rule> {
    return this.transactions.run(async (tx) => {
      await this.requireAccount(tx, accountId);
      const rule = await this.rules.findForUpdate(tx, accountId, ruleId);
      if (!rule) throw new RuleNotFoundError(ruleId);
      const wanted = checkedRule({ ...fieldsOf(rule), ...given }, given);
      const changes = changedFields(fieldsOf(rule), wanted);
      if (Object.keys(changes).length === 0) return rule;
      const now = laterThan(rule.updatedAt, this.clock.now());
      await this.rules.raiseVersion(tx, accountId);
      if (changes['triggerType'] === 'regex') await this.requireRoomForPattern(tx, accountId);
      await this.rules.update(tx, accountId, ruleId, wanted, now);
      await this.record(tx, ctx, 'rule.update', rule, changes);
      return { ...rule, ...wanted, updatedAt: now };
    });
  }

  async delete(ctx: RequestContext, accountId: string, ruleId: number): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.requireAccount(tx, accountId);
      const rule = await this.rules.findForUpdate(tx, accountId, ruleId);
      if (!rule) throw new RuleNotFoundError(ruleId);
      await this.rules.raiseVersion(tx, accountId);
      await this.rules.delete(tx, accountId, ruleId);
      await this.record(tx, ctx, 'rule.delete', rule, { name: rule.name });
    });
  }

  /** One that is being deleted is hidden, with all that is its. */
  private async requireAccount(tx: Tx, accountId: string): Promise<void> {
    if (!(await this.rules.findAccount(tx, accountId))) throw new AccountOfRulesNotFoundError(accountId);
  }

  /** After the version is raised, which makes the account's changes of rules follow one another: two at once must not pass both. */
  private async requireRoomForPattern(tx: Tx, accountId: string): Promise<void> {
    const count = await this.rules.countOfTrigger(tx, accountId, 'regex');
    if (count >= MAX_PATTERNS) throw new TooManyPatternsError(MAX_PATTERNS);
  }

  private record(
    tx: Tx,
    ctx: RequestContext,
    action: string,
    rule: Rule,
    changes: Record<string, unknown>,
  ): Promise<void> {
    return this.audit.record(tx, ctx, {
      action,
      accountId: rule.accountId,
      target: `rule:${String(rule.id)}`,
      changes,
    });
  }
}

/** No two states of a rule have the same time: by it, instances know what has changed (`RuleSets`). */
function laterThan(before: Date, now: Date): Date {
  return new Date(Math.max(now.getTime(), before.getTime() + 1));
}

function fieldsOf(rule: Rule): RuleFields {
  const { id: _id, accountId: _accountId, createdAt: _createdAt, updatedAt: _updatedAt, ...fields } = rule;
  return fields;
}

function shownFields(fields: RuleFields): Record<string, unknown> {
  const { quickReplies: _q, buttons: _b, media: _m, typingSeconds: _t, ...plain } = fields;
  return { ...plain, ...setExtras(fields) };
}

/** What differs, with its new value. */
function changedFields(before: RuleFields, after: RuleFields): Record<string, unknown> {
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  return Object.fromEntries(
    Object.entries(after).filter(([name, value]) => !same(before[name as keyof RuleFields], value)),
  );
}
