import type { DeliveryRecords, NewInboxEvent } from './inbox-event.js';

/** A delivery on its way into the database, and whom to tell. */
export interface WaitingDelivery {
  readonly records: DeliveryRecords;
  /** Of its events those that are to be stored, as far as that is known yet. */
  readonly fresh: readonly NewInboxEvent[];
  /** Characters of payload. */
  readonly size: number;
  /** Of `performance.now()`. */
  readonly since: number;
  readonly stored: () => void;
  readonly refused: (error: Error) => void;
}

export interface Bounds {
  readonly deliveries?: number;
  readonly events: number;
  readonly characters: number;
}

/** Deliveries that wait, the oldest first, and how much they are. */
export class DeliveryLine {
  private readonly waiting: WaitingDelivery[] = [];
  private eventsWaiting = 0;
  private charactersWaiting = 0;

  get length(): number {
    return this.waiting.length;
  }

  get events(): number {
    return this.eventsWaiting;
  }

  get characters(): number {
    return this.charactersWaiting;
  }

  add(item: WaitingDelivery): void {
    this.waiting.push(item);
    this.eventsWaiting += countOf(item);
    this.charactersWaiting += item.size;
  }

  /** The oldest, as many as fit: at least one, if there is one. */
  take({ deliveries = Infinity, events, characters }: Bounds): WaitingDelivery[] {
    let taken = 0;
    let count = 0;
    let size = 0;
    for (const item of this.waiting) {
      count += countOf(item);
      size += item.size;
      if (taken > 0 && (taken >= deliveries || count > events || size > characters)) break;
      taken++;
    }
    return this.shift(taken);
  }

  takeAll(): WaitingDelivery[] {
    return this.shift(this.waiting.length);
  }

  /** Those that have waited since `bound` or longer. */
  takeLate(bound: number): WaitingDelivery[] {
    const timely = this.waiting.findIndex((item) => item.since > bound);
    return this.shift(timely === -1 ? this.waiting.length : timely);
  }

  private shift(count: number): WaitingDelivery[] {
    const taken = this.waiting.splice(0, count);
    for (const item of taken) {
      this.eventsWaiting -= countOf(item);
      this.charactersWaiting -= item.size;
    }
    return taken;
  }
}

/** Everything it brought: what is stored already had to be read and looked up all the same. */
export function countOf({ records }: Pick<WaitingDelivery, 'records'>): number {
  return records.events.length + records.unrouted.length;
}
