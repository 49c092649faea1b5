import { setTimeout as delay } from 'node:timers/promises';
import type { AccountPauses } from './account-pauses.js';
import type { AttemptSend } from './attempt-send.js';
import type { Claim, ClaimSends } from './claim-sends.js';
import { ConversationRuns, type ConversationRun, type Follow } from './conversation-runs.js';
import { MOST_UNSETTLED, STOPPED_PAUSE_MS } from './delivery.policy.js';
import type { Departing } from './departures.js';
import type { ClaimedMessage } from './outbox-message.js';
import type { Attempt, OutcomeRecorder } from './outcome.recorder.js';
import { PumpWork } from './pump-work.js';
import type { Ramp } from './ramp.js';
import type { SendsInHand } from './sends-in-hand.js';
import type { Slots } from './slots.js';

/** What all pumps share. */
export interface PumpTools {
  readonly slots: Slots;
  readonly claims: ClaimSends;
  readonly attempts: AttemptSend;
  readonly recorder: OutcomeRecorder;
  readonly pauses: AccountPauses;
  readonly inHand: SendsInHand;
  readonly isStopping: () => boolean;
  readonly report: (trouble: string, details: { readonly error: unknown; readonly messageId: string }) => void;
}

/**
 * Sends for one account: what is handed to it claimed (`book`, then `depart`), and what it finds due itself. With no
 * transaction open it calls, has the outcomes recorded, and ends when nothing more is known to be due.
 */
export class AccountPump {
  private readonly work = new PumpWork();
  private readonly runs = new ConversationRuns();
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

  /** How many wait behind others of their conversation. They keep no places from others. */
  get following(): number {
    return this.runs.waiting;
  }

  /** Keeps places for up to `most` calls that a transaction is putting into the outbox. @returns how many; null: others wait */
  book(most: number): number | null {
    if (this.hungry || this.work.isRung) return null;
    const places = this.tools.slots.take(this.accountId, Math.min(most, this.room));
    this.work.book(places);
    return places;
  }

  /** Gives places back: nothing was put into the outbox for them. */
  cancel(places: number): void {
    this.tools.slots.give(this.accountId, places);
    this.work.unbook(places);
  }

  /** What a send may stand behind that goes into the outbox after `lastId`, the last of its conversation there. */
  behind(conversationId: string, lastId: number): ConversationRun | null {
    return this.runs.endingWith(conversationId, lastId);
  }

  /** Makes the calls for which places were booked, each in its turn: one of a conversation after the other. */
  depart(sends: readonly Departing[]): void {
    for (const send of sends) this.take(send);
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
        this.work.book(claim.messages.length);
        for (const message of claim.messages) this.take({ message, standing: { behind: null, hasPlace: true } });
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
      const claim = await this.tools.claims.execute(this.accountId, room, this.work.settling + this.following);
      if (claim.kind === 'claimed') used = claim.messages.length;
      return claim;
    } finally {
      this.tools.slots.give(this.accountId, room - used);
    }
  }

  private take({ message, standing: { behind, hasPlace } }: Departing): void {
    this.tools.inHand.take(message.id);
    const turn = this.runs.add(message, behind);
    if (turn === 'go') {
      // Given back: so is what was put into the outbox with it, behind the same one.
      if (!this.start(message, hasPlace)) behind?.break();
      return;
    }
    if (hasPlace) this.cancel(1);
    if (turn === 'give back') this.giveBack(message);
  }

  /** Its turn has come. @returns false: there was no place for it, and it was given back */
  private start(message: ClaimedMessage, hasPlace: boolean): boolean {
    if (hasPlace || this.findPlace()) {
      this.launch(message);
      return true;
    }
    this.giveBack(message);
    this.goOn(this.runs.recorded(message, false), false);
    return false;
  }

  private findPlace(): boolean {
    const found = this.tools.slots.take(this.accountId, 1);
    this.work.book(found);
    return found === 1;
  }

  /** In a place that is booked, and given back when it was called; or left to the next of its conversation, if that waits already. */
  private launch(message: ClaimedMessage): void {
    const { attempts, inHand, report, slots } = this.tools;
    let keepsPlace = false;
    inHand.call(message.id);
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
        inHand.answer(message.id);
        keepsPlace = this.runs.isFollowed(message);
        if (keepsPlace) this.work.book(1);
        else slots.give(message.accountId, 1);
      });
    const record = call.then(async (attempt) => {
      const settled = attempt !== null && (await this.record(attempt));
      this.goOn(this.runs.recorded(message, settled && !this.tools.isStopping()), keepsPlace);
    });
    this.work.add(call.then((attempt) => attempt?.outcome ?? null), this.track(message, record));
    this.work.unbook(1);
  }

  private goOn({ go, giveBack }: Follow, hasPlace: boolean): void {
    if (go) this.start(go, hasPlace);
    else if (hasPlace) this.cancel(1);
    for (const message of giveBack) this.giveBack(message);
  }

  /** It was not called: whoever claims next finds it. */
  private giveBack(message: ClaimedMessage): void {
    this.tools.inHand.answer(message.id);
    const record = this.record(this.tools.attempts.release(message)).then(() => {
      this.work.ring();
    });
    this.work.addRecord(this.track(message, record));
  }

  /** @returns whether the outbox is done with it, so that the next of its conversation may go */
  private async record(attempt: Attempt): Promise<boolean> {
    const { settled, behind } = await this.tools.recorder.record(attempt);
    if (behind) this.work.ring();
    return settled;
  }

  private async track(message: ClaimedMessage, record: Promise<void>): Promise<void> {
    await record.finally(() => {
      this.tools.inHand.letGo(message.id);
    });
  }
}
