import { setTimeout as delay } from 'node:timers/promises';
import type { AccountPauses } from './account-pauses.js';
import type { AttemptSend } from './attempt-send.js';
import type { Claim, ClaimSends } from './claim-sends.js';
import { MOST_UNSETTLED, STOPPED_PAUSE_MS } from './delivery.policy.js';
import type { ClaimedMessage } from './outbox-message.js';
import type { OutcomeRecorder } from './outcome.recorder.js';
import { PumpWork } from './pump-work.js';
import type { Ramp } from './ramp.js';
import type { Slots } from './slots.js';

/** What all pumps share. */
export interface PumpTools {
  readonly slots: Slots;
  readonly claims: ClaimSends;
  readonly attempts: AttemptSend;
  readonly recorder: OutcomeRecorder;
  readonly pauses: AccountPauses;
  /** Outbox ids this process is sending or recording. */
  readonly inFlight: Set<number>;
  readonly isStopping: () => boolean;
  readonly report: (trouble: string, details: { readonly error: unknown; readonly messageId: string }) => void;
}

/**
 * Sends for one account: what is handed to it claimed (`book`, then `depart`), and what it finds due itself. With no
 * transaction open it calls, has the outcomes recorded, and ends when nothing more is known to be due.
 */
export class AccountPump {
  private readonly work = new PumpWork();
  /** Something may be due that nobody has claimed: what is decided now must not overtake it. */
  private hungry = false;

  constructor(
    private readonly accountId: string,
    private readonly ramp: Ramp,
    private readonly tools: PumpTools,
  ) {}

  /** There may be something due. */
  ring(): void {
    this.work.ring();
  }

  /** Asked when `run` has ended: whether something has come meanwhile. */
  wantsToGoOn(): boolean {
    const rung = this.work.takeRing();
    this.hungry = rung;
    return rung || !this.work.isIdle;
  }

  /** Keeps places for up to `most` sends that a transaction is putting into the outbox. @returns how many */
  book(most: number): number {
    if (this.hungry || this.work.isRung) return 0;
    const places = this.tools.slots.take(this.accountId, Math.min(most, this.room));
    this.work.book(places);
    return places;
  }

  /** Gives places back: nothing was put into the outbox for them. */
  cancel(places: number): void {
    this.tools.slots.give(this.accountId, places);
    this.work.unbook(places);
  }

  /** Makes the calls for which places were booked. */
  depart(messages: readonly ClaimedMessage[]): void {
    for (const message of messages) this.launch(message);
    this.work.unbook(messages.length);
  }

  /** Resolves when nothing is due or under way, or the account may not send. */
  async run(): Promise<void> {
    const { slots, pauses } = this.tools;
    try {
      while (!this.tools.isStopping() && !pauses.isPaused(this.accountId)) {
        if (this.work.takeRing()) this.hungry = true;
        if (!this.hungry) {
          if (this.work.isIdle) break;
          await this.work.change();
          continue;
        }
        // While outcomes cannot be recorded, no more is called than could be recorded.
        const room = slots.take(this.accountId, this.room);
        if (room === 0) {
          await (this.work.isIdle ? slots.givenBack() : this.work.change());
          continue;
        }
        const claim = await this.claim(room);
        if (claim.kind === 'busy') {
          await delay(5 + Math.random() * 20);
          continue;
        }
        if (claim.kind === 'stopped') {
          pauses.pause(this.accountId, STOPPED_PAUSE_MS);
          break;
        }
        for (const message of claim.messages) this.launch(message);
        this.hungry = !claim.drained;
        if (claim.more || !this.hungry) continue;
        if (this.work.isIdle) break;
        await this.work.change();
      }
    } finally {
      await this.work.finish();
    }
  }

  private get room(): number {
    return Math.min(this.ramp.open - this.work.calling, MOST_UNSETTLED - this.work.settling);
  }

  /** Claims for the slots that were taken, and gives back those that nothing was claimed for. */
  private async claim(room: number): Promise<Claim> {
    let used = 0;
    try {
      const claim = await this.tools.claims.execute(this.accountId, room, this.work.settling);
      if (claim.kind === 'claimed') used = claim.messages.length;
      return claim;
    } finally {
      this.tools.slots.give(this.accountId, room - used);
    }
  }

  private launch(message: ClaimedMessage): void {
    const { attempts, inFlight, recorder, report, slots } = this.tools;
    inFlight.add(message.id);
    const call = attempts
      .execute(message)
      .then((attempt) => {
        this.ramp.noteOutcome(attempt.outcome);
        return attempt;
      })
      .catch((error: unknown) => {
        // It stands as `sending` in the database: the look-up settles it.
        report('An attempt broke off', { error, messageId: message.messageId });
        return null;
      })
      .finally(() => {
        slots.give(message.accountId, 1);
      });
    const record = call
      .then(async (attempt) => {
        if (attempt && (await recorder.record(attempt))) this.work.ring();
      })
      .finally(() => inFlight.delete(message.id));
    this.work.add(call.then((attempt) => attempt?.outcome ?? null), record);
  }
}
