import { placeholders, SqlRepository, type Tx } from '../../database/index.js';

/** Of the lane's newest events, so many are looked at for accounts that have not much waiting. */
const NEWEST = 50;
/** Each costs a probe. */
const ACCOUNTS_AT_ONCE = 8;
/** An account with more than this waiting has a backlog, and waits for its turn like everybody else. */
const FEW_WAITING = 100;
/** So many of the oldest of a lane are one account's: no need to count. */
const BACKLOG_SHARE = 20;
const NEWCOMERS_PER_BATCH = 100;
/** Who has a backlog has it for so long, at least: to find out again for every batch takes as long as to apply the batch. */
const BACKLOG_HOLDS_MS = 500;
const BACKLOGS_KEPT = 10_000;

interface Standing {
  readonly id: number;
  readonly account_id: string;
}

/**
 * Who may go ahead of a lane's backlog. One account's half a million events must not keep another's customers waiting: an
 * account of which few events wait has them taken along with the lane's oldest, its newest and all that came before it, so
 * that the order within a conversation stands. Each question is a bounded walk along an index, however much waits.
 */
export class NewcomerRepository extends SqlRepository {
  /** Accounts with a backlog: until when that is taken for granted. */
  private readonly backlogs = new Map<string, number>();

  /**
   * @param oldest what is taken from the head of the line anyway
   * @param now ms
   */
  async listIds(tx: Tx, lane: number, oldest: readonly Standing[], blocked: readonly string[], now: number): Promise<number[]> {
    const newest = await this.select<Standing>(
      tx,
      `SELECT id, account_id FROM webhook_events WHERE pending_lane = ? AND next_attempt_at IS NULL ORDER BY id DESC LIMIT ${String(NEWEST)}`,
      [lane],
    );
    const taken = new Set(oldest.map(({ id }) => id));
    const ids: number[] = [];
    const candidates = accountsToTry(newest, oldest, taken).filter((id) => !this.hasBacklog(id, now));
    for (const accountId of await this.listWithoutBacklog(tx, candidates.slice(0, ACCOUNTS_AT_ONCE), now)) {
      for (const id of await this.listOf(tx, lane, accountId, blocked)) if (!taken.has(id)) ids.push(id);
    }
    return ids.slice(0, NEWCOMERS_PER_BATCH);
  }

  private hasBacklog(accountId: string, now: number): boolean {
    const left = (this.backlogs.get(accountId) ?? 0) - now;
    return left > 0 && left <= BACKLOG_HOLDS_MS; // more: the clock was set back
  }

  /** By the index alone, and in its whole order, or MySQL reads all that waits and sorts it. */
  private async listWithoutBacklog(tx: Tx, accounts: readonly string[], now: number): Promise<string[]> {
    if (accounts.length === 0) return [];
    const rows = await this.select<{ id: string; beyond: number | string | null }>(
      tx,
      `SELECT a.id, (SELECT e.id FROM webhook_events e${this.dialect.along('ix_webhook_events_status')}
        WHERE e.account_id = a.id AND e.status = 'pending' ORDER BY e.account_id, e.status, e.id LIMIT 1 OFFSET ${String(FEW_WAITING)}) AS beyond
       FROM instagram_business_accounts a WHERE a.id IN (${placeholders(accounts.length)})`,
      accounts,
    );
    const few = new Set(rows.filter((row) => row.beyond === null).map((row) => row.id));
    if (this.backlogs.size > BACKLOGS_KEPT) this.backlogs.clear();
    for (const id of accounts) if (!few.has(id)) this.backlogs.set(id, now + BACKLOG_HOLDS_MS);
    return accounts.filter((id) => few.has(id));
  }

  /** In the order of arrival, so that cutting the list short leaves each conversation's earlier events in it. */
  private async listOf(tx: Tx, lane: number, accountId: string, blocked: readonly string[]): Promise<number[]> {
    const waiting = await this.select<{ id: number; conversation_id: string | null; pending_lane: number | null; next_attempt_at: unknown }>(
      tx,
      `SELECT id, conversation_id, pending_lane, next_attempt_at FROM webhook_events${this.dialect.along('ix_webhook_events_status')}
       WHERE account_id = ? AND status = 'pending' ORDER BY id LIMIT ${String(FEW_WAITING + 1)}`,
      [accountId],
    );
    if (waiting.length > FEW_WAITING) return [];
    return waiting
      .filter((row) => row.pending_lane === lane && row.next_attempt_at === null)
      .filter(({ conversation_id }) => conversation_id === null || !blocked.includes(conversation_id))
      .map(({ id }) => id);
  }
}

function accountsToTry(newest: readonly Standing[], oldest: readonly Standing[], taken: ReadonlySet<number>): string[] {
  const share = new Map<string, number>();
  for (const { account_id } of oldest) share.set(account_id, (share.get(account_id) ?? 0) + 1);
  const found = new Set<string>();
  for (const { id, account_id } of newest) {
    if (!taken.has(id) && (share.get(account_id) ?? 0) < BACKLOG_SHARE) found.add(account_id);
  }
  return [...found];
}
