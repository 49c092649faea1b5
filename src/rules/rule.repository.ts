import { Injectable } from '@nestjs/common';
import type { Button, Media, QuickReply } from '../common/content/content.js';
import { Dialect, placeholders, SqlRepository, type Tx } from '../database/index.js';
import type { RuleDefinition } from './engine/compiled-rule.js';
import type { TriggerType } from './engine/trigger-types.js';
import { RuleEntity } from './rule.entity.js';
import type { Rule, RuleFields } from './rule.js';

/** A rule as the engine needs it. */
export interface EnabledRule {
  readonly accountId: string;
  readonly definition: RuleDefinition;
  readonly changedAt: ChangeMark;
}

/** When a rule was last changed, as the database writes it: another one is another state of the rule. */
export type ChangeMark = string | number;

@Injectable()
export class RuleRepository extends SqlRepository {
  constructor(dialect: Dialect) {
    super(dialect);
  }

  /** Read here because this module does not know `accounts`: does it exist, and what do templates call it? */
  async findAccount(tx: Tx, accountId: string): Promise<{ username: string } | null> {
    const rows = await this.select<{ username: string }>(
      tx,
      'SELECT username FROM instagram_business_accounts WHERE id = ? AND deleted_at IS NULL',
      [accountId],
    );
    return rows[0] ?? null;
  }

  async find(tx: Tx, accountId: string, id: number): Promise<Rule | null> {
    const rows = await this.select<RuleRow>(
      tx,
      `SELECT ${COLUMNS} FROM response_rules WHERE account_id = ? AND id = ?`,
      [accountId, id],
    );
    return this.first(rows);
  }

  /** Locks the rule, so that two changes of it follow one another. */
  async findForUpdate(tx: Tx, accountId: string, id: number): Promise<Rule | null> {
    const rows = await this.select<RuleRow>(
      tx,
      `SELECT ${COLUMNS} FROM response_rules WHERE account_id = ? AND id = ?${this.dialect.forUpdate}`,
      [accountId, id],
    );
    return this.first(rows);
  }

  /** Newest first; `before` is the id of the last rule of the page before. */
  async list(tx: Tx, accountId: string, limit: number, before: number | undefined): Promise<Rule[]> {
    const rows = await this.select<RuleRow>(
      tx,
      `SELECT ${COLUMNS} FROM response_rules WHERE account_id = ?${before === undefined ? '' : ' AND id < ?'} ORDER BY id DESC LIMIT ?`,
      [accountId, ...(before === undefined ? [] : [before]), limit],
    );
    return rows.map((row) => this.toRule(row));
  }

  /** Enabled rules of several accounts, in no order. */
  async listEnabled(tx: Tx, accountIds: readonly string[]): Promise<EnabledRule[]> {
    if (accountIds.length === 0) return [];
    const rows = await this.select<RuleRow>(
      tx,
      `SELECT ${ENGINE_COLUMNS} FROM response_rules WHERE account_id IN (${placeholders(accountIds.length)}) AND enabled = ? LIMIT ?`,
      [...accountIds, 1, ROWS_AT_ONCE],
    );
    if (rows.length < ROWS_AT_ONCE) return rows.map((row) => this.toEnabled(row));
    const found: EnabledRule[] = [];
    for (const accountId of accountIds) {
      for await (const page of this.enabledPages<RuleRow>(tx, accountId, ENGINE_COLUMNS)) found.push(...page.map((row) => this.toEnabled(row)));
    }
    return found;
  }

  /** Some of an account's rules, those of them that are enabled. */
  async listEnabledByIds(tx: Tx, accountId: string, ids: readonly number[]): Promise<EnabledRule[]> {
    if (ids.length === 0) return [];
    const rows = await this.select<RuleRow>(
      tx,
      `SELECT ${ENGINE_COLUMNS} FROM response_rules${this.dialect.byPrimaryKey} WHERE account_id = ? AND id IN (${placeholders(ids.length)}) AND enabled = ?`,
      [accountId, ...ids, 1],
    );
    return rows.map((row) => this.toEnabled(row));
  }

  /** When each enabled rule was last changed, by its id: a small part of what reading the rules costs. */
  async listEnabledTimes(tx: Tx, accountId: string): Promise<Map<number, ChangeMark>> {
    const times = new Map<number, ChangeMark>();
    for await (const page of this.enabledPages<Pick<RuleRow, 'id' | 'updated_at'>>(tx, accountId, 'id, updated_at')) {
      for (const row of page) times.set(Number(row.id), markOf(row));
    }
    return times;
  }

  /** Enabled or not. */
  async countOfTrigger(tx: Tx, accountId: string, triggerType: TriggerType): Promise<number> {
    const rows = await this.select<{ count: number | string }>(
      tx,
      'SELECT COUNT(*) AS count FROM response_rules WHERE account_id = ? AND trigger_type = ?',
      [accountId, triggerType],
    );
    return Number(rows[0]?.count ?? 0);
  }

  async insert(tx: Tx, accountId: string, fields: RuleFields, at: Date): Promise<Rule> {
    const made = { accountId, createdAt: at, updatedAt: at };
    const result = await this.repository(tx, RuleEntity).insert({ ...asColumns(fields), ...made });
    return { ...fields, ...made, id: Number(result.identifiers[0]?.['id']) };
  }

  async update(tx: Tx, accountId: string, id: number, fields: Partial<RuleFields>, at: Date): Promise<void> {
    await this.repository(tx, RuleEntity).update({ accountId, id }, { ...asColumns(fields), updatedAt: at });
  }

  async delete(tx: Tx, accountId: string, id: number): Promise<void> {
    await this.execute(tx, 'DELETE FROM response_rules WHERE account_id = ? AND id = ?', [accountId, id]);
  }

  /** Accounts without a row have never had a rule. */
  async listVersions(tx: Tx, accountIds: readonly string[]): Promise<Map<string, number>> {
    if (accountIds.length === 0) return new Map();
    const rows = await this.select<{ account_id: string; version: number }>(
      tx,
      `SELECT account_id, version FROM rule_sets WHERE account_id IN (${placeholders(accountIds.length)})`,
      accountIds,
    );
    return new Map(rows.map((row) => [row.account_id, row.version]));
  }

  /**
   * Raises the version of an account's rules. The first one is drawn by lot: an account that was deleted and made again must
   * not reach a version under which an instance still remembers its former rules.
   */
  async raiseVersion(tx: Tx, accountId: string): Promise<void> {
    await this.insertRows(
      tx,
      'rule_sets',
      ['account_id', 'version'],
      [[accountId, 1 + Math.floor(Math.random() * FIRST_VERSIONS)]],
      this.dialect.upsert(['account_id'], { version: 'rule_sets.version + 1' }),
    );
  }

  private first(rows: readonly RuleRow[]): Rule | null {
    return rows[0] === undefined ? null : this.toRule(rows[0]);
  }

  /** Page by page: nobody else is served while the rows of an answer are read, and Vitess gives no more than 10,000. */
  private async *enabledPages<Row extends Pick<RuleRow, 'id'>>(tx: Tx, accountId: string, columns: string): AsyncGenerator<Row[]> {
    let after: number | string = 0;
    for (;;) {
      const page: Row[] = await this.select<Row>(
        tx,
        `SELECT ${columns} FROM response_rules${this.dialect.along('ix_rules_newest')} WHERE account_id = ? AND enabled = ? AND id > ? ORDER BY id LIMIT ?`,
        [accountId, 1, after, ROWS_AT_ONCE],
      );
      yield page;
      const last = page.at(-1);
      if (last === undefined || page.length < ROWS_AT_ONCE) return;
      after = last.id;
    }
  }

  private toEnabled(row: RuleRow): EnabledRule {
    return { accountId: row.account_id, changedAt: markOf(row), definition: toDefinition(row) };
  }

  private toRule(row: RuleRow): Rule {
    return {
      ...toDefinition(row),
      accountId: row.account_id,
      name: row.name,
      enabled: Boolean(row.enabled),
      createdAt: this.dialect.readTime(row.created_at) ?? new Date(0),
      updatedAt: this.dialect.readTime(row.updated_at) ?? new Date(0),
    };
  }
}

/** Not made a date of: with ten thousand rules that would be most of the work. */
function markOf({ updated_at: at }: Pick<RuleRow, 'updated_at'>): ChangeMark {
  return at instanceof Date ? at.getTime() : String(at);
}

function toDefinition(row: RuleRow): RuleDefinition {
  return {
    id: Number(row.id),
    priority: row.priority,
    triggerType: row.trigger_type,
    triggerValue: row.trigger_value,
    responseTemplate: row.response_template,
    cooldownSeconds: row.cooldown_seconds,
    quickReplies: fromJson(row.quick_replies) as readonly QuickReply[] | null,
    buttons: fromJson(row.buttons) as readonly Button[] | null,
    media: fromJson(row.media) as Media | null,
    typingSeconds: row.typing_seconds,
  };
}

/** Lists and objects are kept as JSON; what is not given stays out. */
function asColumns({ quickReplies, buttons, media, ...plain }: Partial<RuleFields>) {
  return {
    ...plain,
    ...(quickReplies === undefined ? {} : { quickReplies: toJson(quickReplies) }),
    ...(buttons === undefined ? {} : { buttons: toJson(buttons) }),
    ...(media === undefined ? {} : { media: toJson(media) }),
  };
}

function toJson(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

function fromJson(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}

interface RuleRow {
  readonly id: number | string;
  readonly account_id: string;
  readonly name: string;
  readonly enabled: number | boolean;
  readonly priority: number;
  readonly trigger_type: TriggerType;
  readonly trigger_value: string | null;
  readonly response_template: string;
  readonly cooldown_seconds: number;
  readonly quick_replies: string | null;
  readonly buttons: string | null;
  readonly media: string | null;
  readonly typing_seconds: number | null;
  readonly created_at: unknown;
  readonly updated_at: unknown;
}

const ROWS_AT_ONCE = 2000;

const ENGINE_COLUMNS =
  'id, account_id, priority, trigger_type, trigger_value, response_template, cooldown_seconds, quick_replies, buttons, media, typing_seconds, updated_at';
const COLUMNS = `${ENGINE_COLUMNS}, name, enabled, created_at`;

/** The column's type has room for as many changes again. */
const FIRST_VERSIONS = 2 ** 30;
