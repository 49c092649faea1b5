import { Injectable } from '@nestjs/common';
import { AccountRepository, sendingPauseAt, type AccountEntity } from '../../accounts/index.js';
import { Clock } from '../../common/clock.js';
import type { MessageEnd } from '../../common/telemetry.js';
import { MessageRepository } from '../../conversations/index.js';
import { TransactionRunner, type Tx } from '../../database/index.js';
import { groupBy } from '../group-by.js';
import { laneOf } from '../lanes.js';
import { failed } from './decide-outcome.js';
import { MOST_UNSETTLED } from './delivery.policy.js';
import { DueSendRepository } from './due-send.repository.js';
import type { ClaimedMessage, OutboxMessage } from './outbox-message.js';
import { OutboxRepository } from './outbox.repository.js';
import { OutcomeWriter } from './outcome.writer.js';
import { ReopenedWindows } from './reopened-windows.js';
import { WithdrawnReplies } from './withdrawn-replies.js';

export type Claim =
  /** To be sent now. `more`: it is worth asking again at once. `drained`: nothing else may go now. */
  | { readonly kind: 'claimed'; readonly messages: readonly ClaimedMessage[]; readonly more: boolean; readonly drained: boolean }
  /** Somebody else has locked the lane, or what is due: worth another try in a moment. */
  | { readonly kind: 'busy' }
  /** Nothing may be sent for the account: it is paused, its token is dead, or it is gone. */
  | { readonly kind: 'stopped' };

export interface ClaimWish {
  readonly accountId: string;
  readonly room: number;
  /** How many stand as unsettled although their outcome is known, and about to be recorded. */
  readonly settling: number;
}

const FAILED_AT_ONCE = 500;
const TOO_LATE = 'It was not sent in time, and would have come too late.';
const DEAD_TOKEN = 'Instagram no longer accepts the access token of the account.';
const INACTIVE = 'The account is inactive: nothing is sent for it.';
const WAS_INACTIVE = 'The account was inactive after this was queued: what was queued before that is not sent.';

/** Takes the next sends of some accounts, in one short transaction that ends before any of them is called. */
@Injectable()
export class ClaimSet {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly outbox: OutboxRepository,
    private readonly due: DueSendRepository,
    private readonly withdrawn: WithdrawnReplies,
    private readonly windows: ReopenedWindows,
    private readonly writer: OutcomeWriter,
    private readonly messages: MessageRepository,
    private readonly accounts: AccountRepository,
    private readonly clock: Clock,
  ) {}

  /** @returns a claim for each wish, in their order; of one account there must be one wish */
  async execute(wishes: readonly ClaimWish[]): Promise<Claim[]> {
    return await this.transactions.run(async (tx) => {
      const now = this.clock.now();
      const lanes = await this.outbox.lockLanes(tx, wishes.map((wish) => laneOf(wish.accountId)));
      const mine = wishes.filter((wish) => lanes.has(laneOf(wish.accountId)));
      const ids = mine.map((wish) => wish.accountId);
      const accounts = new Map((await this.accounts.findMany(tx, ids)).map((account) => [account.id, account]));
      const expired = await this.outbox.listWithExpired(tx, ids, now);
      const claims = new Map<string, Claim>();
      const open: ClaimWish[] = [];
      for (const wish of mine) {
        const account = accounts.get(wish.accountId);
        const answer = account ? await this.check(tx, wish, account, expired.has(wish.accountId), now) : STOPPED;
        if (typeof answer === 'number') open.push({ ...wish, room: answer });
        else claims.set(wish.accountId, answer);
      }
      await this.claimDue(tx, open, accounts, now, claims);
      return wishes.map((wish) => claims.get(wish.accountId) ?? BUSY);
    });
  }

  /** How many of the account may be claimed; or why none are. */
  private async check(tx: Tx, { accountId, room }: ClaimWish, account: AccountEntity, hasExpired: boolean, now: Date): Promise<number | Claim> {
    if (account.status === 'inactive') {
      const queued = await this.outbox.lockQueued(tx, accountId, FAILED_AT_ONCE);
      await this.fail(tx, queued, INACTIVE, 'account_inactive');
      return nothingClaimed(queued.length === FAILED_AT_ONCE);
    }
    const stopped = account.tokenStatus === 'invalid' ? DEAD_TOKEN : sendingPauseAt(account, now)?.reason;
    if (hasExpired) {
      const expired = await this.outbox.lockExpired(tx, accountId, now, FAILED_AT_ONCE);
      await this.fail(tx, await this.windows.giveTime(tx, expired, now), stopped === undefined ? TOO_LATE : `${TOO_LATE} ${stopped}`, 'expired');
      // A long queue whose time is over goes in pieces, before anything else of the account.
      if (expired.length === FAILED_AT_ONCE) return nothingClaimed(true);
    }
    if (stopped !== undefined) return STOPPED;
    // After a pause, and with a new token, one send finds out whether Graph takes them; the rest follow when it has.
    const isProbing = account.sendingPausedUntil !== null || account.tokenStatus === 'unknown';
    if (isProbing && (await this.outbox.countSending(tx, accountId)) > 0) return nothingClaimed(false);
    return isProbing ? Math.min(room, 1) : room;
  }

  private async claimDue(tx: Tx, open: readonly ClaimWish[], accounts: ReadonlyMap<string, AccountEntity>, now: Date, claims: Map<string, Claim>): Promise<void> {
    if (open.length === 0) return;
    const unsettled = await this.outbox.countUnsettled(tx, open.map((wish) => wish.accountId));
    const wanted: { accountId: string; limit: number }[] = [];
    for (const { accountId, room, settling } of open) {
      const limit = Math.min(room, MOST_UNSETTLED + settling - (unsettled.get(accountId) ?? 0));
      if (limit > 0) wanted.push({ accountId, limit });
      else claims.set(accountId, nothingClaimed(false));
    }
    const found = await this.due.lockDue(tx, wanted, now);
    const due = [...found.values()].flatMap((sends) => sends.rows);
    const leftOver = await this.lockLeftOver(tx, due, accounts);
    await this.fail(tx, [...leftOver.values()], WAS_INACTIVE, 'account_inactive');
    const withdrawn = await this.withdrawn.find(tx, due.filter((row) => !leftOver.has(row.id)), now);
    for (const [reason, rows] of groupBy([...withdrawn], ([, why]) => why)) await this.fail(tx, rows.map(([row]) => row), reason, 'withdrawn');
    const gone = new Set([...leftOver.keys(), ...[...withdrawn.keys()].map((row) => row.id)]);
    const messages = await this.outbox.markSending(tx, due.filter((row) => !gone.has(row.id)), now);
    await this.messages.markSending(tx, messages.map(({ accountId, messageId }) => ({ accountId, id: messageId })));
    for (const [accountId, { rows, more, passedOver, drained }] of found) {
      const claimed = messages.filter((message) => message.accountId === accountId);
      // Behind what has failed the next of its conversation may go.
      const again = more || claimed.length < rows.length;
      claims.set(accountId, rows.length === 0 && passedOver && !more ? BUSY : { kind: 'claimed', messages: claimed, more: again, drained: drained && !again });
    }
  }

  /**
   * What was queued before its account was last off, and came due only now that it is on again; where one of an account is
   * about to be claimed, with what is found of it in the front of its queue, due or not.
   */
  private async lockLeftOver(tx: Tx, due: readonly OutboxMessage[], accounts: ReadonlyMap<string, AccountEntity>): Promise<Map<number, OutboxMessage>> {
    const isLeftOver = (row: OutboxMessage) => isFromBefore(row, accounts.get(row.accountId)?.activeSince ?? null);
    const found = new Map(due.filter(isLeftOver).map((row) => [row.id, row]));
    for (const accountId of new Set([...found.values()].map((row) => row.accountId))) {
      const queued = await this.outbox.lockQueued(tx, accountId, FAILED_AT_ONCE);
      for (const row of queued.filter(isLeftOver)) found.set(row.id, row);
    }
    return found;
  }

  private async fail(tx: Tx, rows: readonly OutboxMessage[], reason: string, end: MessageEnd): Promise<void> {
    await this.writer.write(tx, rows.map((row) => ({
      outboxId: row.id,
      conversationId: row.conversationId,
      decision: failed(row, row.error === null ? reason : `${reason} Before that: ${row.error}`),
      end,
    })));
  }
}

const BUSY: Claim = { kind: 'busy' };
const STOPPED: Claim = { kind: 'stopped' };

/** While it is off nothing can be queued: what is of the very millisecond came after it was on again. */
function isFromBefore({ createdAt }: OutboxMessage, activeSince: Date | null): boolean {
  return activeSince !== null && createdAt < activeSince;
}

function nothingClaimed(more: boolean): Claim {
  return { kind: 'claimed', messages: [], more, drained: false };
}
