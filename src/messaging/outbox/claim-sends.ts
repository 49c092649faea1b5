import { Injectable } from '@nestjs/common';
import { AccountRepository, sendingPauseAt } from '../../accounts/index.js';
import { Clock } from '../../common/clock.js';
import type { MessageEnd } from '../../common/telemetry.js';
import { MessageRepository } from '../../conversations/index.js';
import { TransactionRunner, type Tx } from '../../database/index.js';
import { laneOf } from '../lanes.js';
import { failed } from './decide-outcome.js';
import { MOST_UNSETTLED } from './delivery.policy.js';
import { DueSendRepository } from './due-send.repository.js';
import type { ClaimedMessage, OutboxMessage } from './outbox-message.js';
import { OutboxRepository } from './outbox.repository.js';
import { OutcomeWriter } from './outcome.writer.js';

export type Claim =
  /** To be sent now. `more`: it is worth asking again at once. */
  | { readonly kind: 'claimed'; readonly messages: readonly ClaimedMessage[]; readonly more: boolean }
  /** Somebody else has locked the lane, or what is due: worth another try in a moment. */
  | { readonly kind: 'busy' }
  /** Nothing may be sent for the account: it is paused, its token is dead, or it is gone. */
  | { readonly kind: 'stopped' };

const FAILED_AT_ONCE = 500;
const TOO_LATE = 'It was not sent in time, and would have come too late.';
const DEAD_TOKEN = 'Instagram no longer accepts the access token of the account.';
const INACTIVE = 'The account is inactive: nothing is sent for it.';

/** Takes an account's next sends, in one short transaction that ends before any of them is called. */
@Injectable()
export class ClaimSends {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly outbox: OutboxRepository,
    private readonly due: DueSendRepository,
    private readonly writer: OutcomeWriter,
    private readonly messages: MessageRepository,
    private readonly accounts: AccountRepository,
    private readonly clock: Clock,
  ) {}

  /** @param settling how many stand as unsettled although their outcome is known, and about to be recorded */
  async execute(accountId: string, room: number, settling = 0): Promise<Claim> {
    return await this.transactions.run(async (tx): Promise<Claim> => {
      if (!(await this.outbox.lockLane(tx, laneOf(accountId)))) return { kind: 'busy' };
      const now = this.clock.now();
      const account = await this.accounts.find(tx, accountId);
      if (!account) return { kind: 'stopped' };
      if (account.status === 'inactive') {
        const queued = await this.outbox.lockQueued(tx, accountId, FAILED_AT_ONCE);
        await this.fail(tx, queued, INACTIVE, 'account_inactive');
        return nothingClaimed(queued.length === FAILED_AT_ONCE);
      }
      const stopped = account.tokenStatus === 'invalid' ? DEAD_TOKEN : sendingPauseAt(account, now)?.reason;
      const expired = await this.outbox.lockExpired(tx, accountId, now, FAILED_AT_ONCE);
      await this.fail(tx, expired, stopped === undefined ? TOO_LATE : `${TOO_LATE} ${stopped}`, 'expired');
      // A long queue whose time is over goes in pieces, before anything else of the account.
      if (expired.length === FAILED_AT_ONCE) return nothingClaimed(true);
      if (stopped !== undefined) return { kind: 'stopped' };
      // After a pause, and with a new token, one send finds out whether Graph takes them; the rest follow when it has.
      const isProbing = account.sendingPausedUntil !== null || account.tokenStatus === 'unknown';
      if (isProbing && (await this.outbox.countSending(tx, accountId)) > 0) return nothingClaimed(false);
      return await this.claimDue(tx, accountId, isProbing ? Math.min(room, 1) : room, settling, now);
    });
  }

  private async claimDue(tx: Tx, accountId: string, room: number, settling: number, now: Date): Promise<Claim> {
    const free = Math.min(room, MOST_UNSETTLED + settling - (await this.outbox.countUnsettled(tx, accountId)));
    if (free <= 0) return nothingClaimed(false);
    const { rows, more, passedOver } = await this.due.lockDue(tx, accountId, now, free);
    if (rows.length === 0 && passedOver && !more) return { kind: 'busy' };
    const messages = await this.outbox.markSending(tx, accountId, rows, now);
    await this.messages.markSending(tx, messages.map((message) => ({ accountId, id: message.messageId })));
    return { kind: 'claimed', messages, more };
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

function nothingClaimed(more: boolean): Claim {
  return { kind: 'claimed', messages: [], more };
}
