import { Injectable } from '@nestjs/common';
import { Dialect, placeholders, SqlRepository, type Tx } from '../database/index.js';

export interface ConversationKey {
  readonly accountId: string;
  readonly conversationId: string;
}

export interface Firing extends ConversationKey {
  readonly ruleId: number;
  readonly firedAt: Date;
}

@Injectable()
export class CooldownRepository extends SqlRepository {
  constructor(dialect: Dialect) {
    super(dialect);
  }

  /** Conversation id → rule id → when it last fired. Ask only where `CompiledRules.hasCooldowns`. */
  async findFired(tx: Tx, conversations: readonly ConversationKey[]): Promise<Map<string, Map<number, Date>>> {
    const fired = new Map<string, Map<number, Date>>();
    for (const [accountId, ids] of groupByAccount(conversations)) {
      for (let from = 0; from < ids.length; from += IDS_PER_STATEMENT) {
        const slice = ids.slice(from, from + IDS_PER_STATEMENT);
        const rows = await this.select<{ conversation_id: string; rule_id: number; fired_at: unknown }>(
          tx,
          `SELECT conversation_id, rule_id, fired_at FROM rule_cooldowns
           WHERE account_id = ? AND conversation_id IN (${placeholders(slice.length)})`,
          [accountId, ...slice],
        );
        for (const row of rows) {
          const at = this.dialect.readTime(row.fired_at);
          if (at === null) continue;
          const rules = fired.get(row.conversation_id) ?? new Map<number, Date>();
          fired.set(row.conversation_id, rules.set(row.rule_id, at));
        }
      }
    }
    return fired;
  }

  /** Remembers that rules fired; only of rules with a cooldown. The latest time wins, whatever the order of arrival. */
  async record(tx: Tx, firings: readonly Firing[]): Promise<void> {
    const latest = new Map<string, Firing>();
    for (const firing of firings) {
      const key = `${firing.conversationId}#${String(firing.ruleId)}`;
      const known = latest.get(key);
      if (!known || known.firedAt < firing.firedAt) latest.set(key, firing);
    }
    // Sorted by key: two writers then take the rows' locks in the same order.
    const rows = [...latest.values()]
      .sort(
        (a, b) =>
          compare(a.accountId, b.accountId) || compare(a.conversationId, b.conversationId) || a.ruleId - b.ruleId,
      )
      .map((f) => [f.accountId, f.conversationId, f.ruleId, this.dialect.time(f.firedAt)]);
    await this.insertRows(
      tx,
      'rule_cooldowns',
      ['account_id', 'conversation_id', 'rule_id', 'fired_at'],
      rows,
      this.dialect.upsert(['account_id', 'conversation_id', 'rule_id'], {
        fired_at: this.dialect.greatest('rule_cooldowns.fired_at', this.dialect.incoming('fired_at')),
      }),
    );
  }

  /** Forgets which rules have answered there: as many rows as there are such rules. */
  async deleteOf(tx: Tx, { accountId, conversationId }: ConversationKey): Promise<void> {
    await this.execute(tx, 'DELETE FROM rule_cooldowns WHERE account_id = ? AND conversation_id = ?', [accountId, conversationId]);
  }
}

const IDS_PER_STATEMENT = 1000;

function groupByAccount(conversations: readonly ConversationKey[]): Map<string, string[]> {
  const groups = new Map<string, Set<string>>();
  for (const { accountId, conversationId } of conversations) {
    groups.set(accountId, (groups.get(accountId) ?? new Set<string>()).add(conversationId));
  }
  return new Map([...groups].map(([accountId, ids]) => [accountId, [...ids]]));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
