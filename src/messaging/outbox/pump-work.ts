import type { AttemptOutcome } from './decide-outcome.js';

/** What the pump of one account has in hand. */
export class PumpWork {
  private readonly calls = new Set<Promise<unknown>>();
  private readonly records = new Set<Promise<unknown>>();
  private known = 0;
  private booked = 0;
  private rung = false;
  private wakeUp: () => void = () => undefined;

  /** Those for which a place is kept included. */
  get calling(): number {
    return this.calls.size + this.booked;
  }

  /** Those of which it is known what became of them: they stand as `sending` only until that is recorded. */
  get settling(): number {
    return this.known;
  }

  get isIdle(): boolean {
    return this.calls.size === 0 && this.records.size === 0 && this.booked === 0;
  }

  get isRung(): boolean {
    return this.rung;
  }

  /** Keeps places for calls that are about to come. */
  book(count: number): void {
    this.booked += count;
  }

  /** They have come, or will not. */
  unbook(count: number): void {
    this.booked -= count;
    this.wakeUp();
  }

  /** There is something new to look for. */
  ring(): void {
    this.rung = true;
    this.wakeUp();
  }

  /** Whether it was rung since the last time this was asked. */
  takeRing(): boolean {
    const { rung } = this;
    this.rung = false;
    return rung;
  }

  /** @param call never rejects; null: nobody knows what became of it */
  add(call: Promise<AttemptOutcome | null>, record: Promise<void>): void {
    this.calls.add(call);
    this.records.add(record);
    let isKnown = false;
    void call.then((outcome) => {
      isKnown = outcome !== null && isOver(outcome);
      if (!isKnown) return;
      this.calls.delete(call);
      this.known++;
      this.wakeUp();
    });
    void record.then(() => {
      this.records.delete(record);
      if (isKnown) this.known--;
      else this.calls.delete(call);
      this.wakeUp();
    });
  }

  /** The record of one that was not called. @param record never rejects */
  addRecord(record: Promise<void>): void {
    this.records.add(record);
    void record.then(() => {
      this.records.delete(record);
      this.wakeUp();
    });
  }

  /** Resolves when it was rung, or when a call or a record has ended. */
  async change(): Promise<void> {
    if (!this.rung) await this.nextChange();
  }

  /** Resolves when nothing is in hand any more, or it was rung: a record may hang for as long as somebody keeps its row locked. */
  async finish(): Promise<void> {
    while (!this.isIdle && !this.rung) await this.nextChange();
  }

  private async nextChange(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.wakeUp = resolve;
    });
  }
}

/**
 * Whether another call may take its place at once. Not where nobody knows what became of it, nor where the answer says
 * something of the account (a dead token, a pause): the next claim must find that.
 */
function isOver(outcome: AttemptOutcome): boolean {
  if (outcome.kind === 'sent' || outcome.kind === 'failed') return !outcome.pause;
  return outcome.kind === 'retry' || outcome.kind === 'unreached' || outcome.kind === 'released';
}
