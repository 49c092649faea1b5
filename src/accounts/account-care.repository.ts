import { Injectable } from '@nestjs/common';
import { Dialect, placeholders, SqlRepository, type Tx } from '../database/index.js';
import { CARE_TASKS, type AccountProblem, type CareResult, type CareTask, type ClaimedCare } from './account-care.js';

/**
 * Who looks after what, and when. A claim is a due time moved into the future: should its holder die, the task is simply
 * due again then, so that no claim can go stale.
 */
@Injectable()
export class AccountCareRepository extends SqlRepository {
  constructor(dialect: Dialect) {
    super(dialect);
  }

  /** Every task of the account that is not there yet, due at once. */
  async insertAll(tx: Tx, accountId: string, now: Date): Promise<void> {
    const columns = ['account_id', 'task', 'due_at', 'failures'];
    const rows = CARE_TASKS.map((task) => [accountId, task, this.dialect.time(now), 0]);
    await this.insertRows(tx, 'account_care', columns, rows, this.dialect.ignoreDuplicates(['account_id', 'task']));
  }

  /** Accounts that lack a task: added by an instance of a version that did not know of it. */
  async listLacking(tx: Tx, limit: number): Promise<string[]> {
    const rows = await this.select<{ id: string }>(
      tx,
      `SELECT a.id FROM instagram_business_accounts a
       WHERE a.deleted_at IS NULL AND (SELECT COUNT(*) FROM account_care c WHERE c.account_id = a.id) < ? LIMIT ?`,
      [CARE_TASKS.length, limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Due at once and without a history: what the task knew is no longer so. Whoever is at it finds that out at the end. */
  async restart(tx: Tx, accountId: string, tasks: readonly CareTask[], now: Date): Promise<void> {
    if (tasks.length === 0) return;
    await this.execute(
      tx,
      `UPDATE account_care SET due_at = ?, failures = 0, problem = NULL, problem_since = NULL, detail = NULL
       WHERE account_id = ? AND task IN (${placeholders(tasks.length)})`,
      [this.dialect.time(now), accountId, ...tasks],
    );
  }

  /** Over all accounts, the longest due first; passes over what another instance is claiming at this moment. */
  async claimDue(tx: Tx, now: Date, until: Date, limit: number): Promise<ClaimedCare[]> {
    const rows = await this.select<RawCare>(
      tx,
      `SELECT account_id, task, failures, problem, detail FROM account_care WHERE due_at <= ?
       ORDER BY due_at, account_id, task LIMIT ?${this.dialect.forUpdateSkipLocked}`,
      [this.dialect.time(now), limit],
    );
    if (rows.length === 0) return [];
    const these = rows.map(() => '(account_id = ? AND task = ?)').join(' OR ');
    await this.execute(tx, `UPDATE account_care SET due_at = ? WHERE ${these}`, [
      this.dialect.time(until), ...rows.flatMap((row) => [row.account_id, row.task]),
    ]);
    return rows.map((row) => ({
      accountId: row.account_id, task: row.task, claimedUntil: until, failures: Number(row.failures), problem: row.problem,
      detail: row.detail,
    }));
  }

  /** @returns false when the claim no longer stands: the task was restarted, or taken over, and the result is void. */
  async finish(tx: Tx, claim: ClaimedCare, result: CareResult, now: Date): Promise<boolean> {
    const detail = result.detail === undefined ? claim.detail : result.detail;
    const since = result.problem === null ? 'NULL' : 'COALESCE(problem_since, ?)';
    const matched = await this.execute(
      tx,
      `UPDATE account_care SET due_at = ?, failures = ?, problem = ?, problem_since = ${since}, detail = ?
       WHERE account_id = ? AND task = ? AND due_at = ?`,
      [
        this.dialect.time(result.dueAt), result.failures, result.problem, ...(result.problem === null ? [] : [this.dialect.time(now)]),
        detail, claim.accountId, claim.task, this.dialect.time(claim.claimedUntil),
      ],
    );
    return matched > 0;
  }

  async listProblems(tx: Tx, accountIds: readonly string[]): Promise<Map<string, AccountProblem[]>> {
    const problems = new Map<string, AccountProblem[]>();
    if (accountIds.length === 0) return problems;
    const rows = await this.select<{ account_id: string; task: CareTask; problem: string | null; problem_since: unknown }>(
      tx,
      `SELECT account_id, task, problem, problem_since FROM account_care
       WHERE account_id IN (${placeholders(accountIds.length)}) AND problem_since IS NOT NULL`,
      accountIds,
    );
    for (const row of rows) {
      const since = this.dialect.readTime(row.problem_since);
      if (row.problem === null || since === null) continue;
      problems.set(row.account_id, [...(problems.get(row.account_id) ?? []), { about: row.task, message: row.problem, since }]);
    }
    return problems;
  }
}

interface RawCare {
  readonly account_id: string;
  readonly task: CareTask;
  readonly failures: number | string;
  readonly problem: string | null;
  readonly detail: string | null;
}
