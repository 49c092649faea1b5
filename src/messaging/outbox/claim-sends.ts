import { Injectable } from '@nestjs/common';
import { AccountRepository, sendingPauseAt } from '../../accounts/index.js';
import { Clock } from '../../common/clock.js';
import { MessageRepository } from '../../conversations/index.js';
import { TransactionRunner, type Tx } from '../../database/index.js';
import { laneOf } from '../lanes.js';
import { MOST_UNSETTLED } from './delivery.policy.js';
import type { ClaimedMessage, OutboxMessage } from './outbox-message.js';
import { OutboxRepository } from './outbox.repository.js';

export type Claim =
  /** To be sent now. `more`: it is worth asking again at once. */
  | { readonly kind: 'claimed'; readonly messages: readonly ClaimedMessage[]; readonly more: boolean }
  /** Another instance is claiming in this lane. */
  | { readonly kind: 'busy' }
  /** Nothing may be sent for the account: it is paused, its token is dead, or it is gone. */
  | { readonly kind: 'stopped' };

const FAILED_AT_ONCE = 200;
const TOO_LATE = 'It was not sent in time, and would have come too late.';
const DEAD_TOKEN = 'Instagram no longer accepts the access token of the account.';
const INACTIVE = 'The account is inactive: nothing is sent for it.';

/** Takes an account's next sends, in one short transaction that ends before any of them is called. */
@Injectable()
export class ClaimSends {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly outbox: OutboxRepository,
    private readonly messages: MessageRepository,
    private readonly accounts: AccountRepository,
    private readonly clock: Clock,
  ) {}

  async execute(accountId: string, room: number): Promise<Claim> {
    return await this.transactions.run(async (tx): Promise<Claim> => {
      if (!(await this.outbox.lockLane(tx, laneOf(accountId)))) return { kind: 'busy' };
      const now = this.clock.now();
      const account = await this.accounts.find(tx, accountId);
      if (!account) return { kind: 'stopped' };
      if (account.status === 'inactive') {
        const queued = await this.outbox.listQueued(tx, accountId, null, FAILED_AT_ONCE);
        await this.fail(tx, queued, INACTIVE);
        return { kind: 'claimed', messages: [], more: queued.length === FAILED_AT_ONCE };
      }
      const stopped = account.tokenStatus === 'invalid' ? DEAD_TOKEN : sendingPauseAt(account, now)?.reason;
      if (stopped !== undefined) {
        await this.fail(tx, await this.outbox.listQueued(tx, accountId, now, FAILED_AT_ONCE), `${TOO_LATE} ${stopped}`);
        return { kind: 'stopped' };
      }
      // After a pause one send finds out whether Graph takes them again; the rest follow when it has.
      const isProbing = account.sendingPausedUntil !== null;
      if (isProbing && (await this.outbox.countSending(tx, accountId)) > 0) return { kind: 'claimed', messages: [], more: false };
      return await this.claimDue(tx, accountId, isProbing ? Math.min(room, 1) : room, now);
    });
  }

  private async claimDue(tx: Tx, accountId: string, room: number, now: Date): Promise<Claim> {
    const free = Math.min(room, MOST_UNSETTLED - (await this.outbox.countUnsettled(tx, accountId)));
    const due = free > 0 ? await this.outbox.listDue(tx, accountId, now, free) : [];
    const late = due.filter((row) => row.sendBefore !== null && row.sendBefore <= now);
    await this.fail(tx, late, TOO_LATE);
    const messages = await this.outbox.markSending(tx, accountId, due.filter((row) => !late.includes(row)), now);
    await this.messages.markSending(tx, messages.map((message) => ({ accountId, id: message.messageId })));
    // Behind one that came too late, the next of its conversation may be due.
    return { kind: 'claimed', messages, more: late.length > 0 };
  }

  private async fail(tx: Tx, rows: readonly OutboxMessage[], reason: string): Promise<void> {
    if (rows.length === 0) return;
    await this.messages.recordOutcomes(
      tx,
      rows.map((row) => ({
        accountId: row.accountId, id: row.messageId, status: 'failed', externalId: null, externalKey: null, sentAt: null,
        error: row.error === null ? reason : `${reason} Before that: ${row.error}`,
      })),
    );
    await this.outbox.deleteMany(tx, rows);
  }
}
