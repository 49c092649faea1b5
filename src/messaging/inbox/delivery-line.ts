import type { DeliveryRecords, NewInboxEvent } from './inbox-event.js';

/** A delivery on its way into the database, and whom to tell. */
export interface WaitingDelivery {
  readonly records: DeliveryRecords;
  /** Of its events those that are to be stored, as far as that is known yet: by `keyOf`. */
  readonly fresh: ReadonlyMap<string, NewInboxEvent>;
  /** Characters of payload. */
  readonly size: number;
  /** Of `performance.now()`. */
  readonly since: number;
  readonly stored: () => void;
  readonly refused: (error: Error) => void;
}

export interface Bounds {
  readonly events: number;
  readonly characters: number;
}

/** Deliveries that wait, in the order in which they came here, and how much they are. */
export class DeliveryLine {
  private waiting: WaitingDelivery[] = [];
  private eventsWaiting = 0;
  private charactersWaiting = 0;

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

  /** The first, as many as fit: at least one, if there is one. */
  take({ events, characters }: Bounds): WaitingDelivery[] {
    let taken = 0;
    let count = 0;
    let size = 0;
    for (const item of this.waiting) {
      count += countOf(item);
      size += item.size;
      if (taken > 0 && (count > events || size > characters)) break;
      taken++;
    }
    return this.gone(this.waiting.splice(0, taken));
  }

  takeWhere(isWanted: (item: WaitingDelivery) => boolean): WaitingDelivery[] {
    const taken = this.waiting.filter(isWanted);
    if (taken.length === 0) return taken;
    const set = new Set(taken);
    this.waiting = this.waiting.filter((item) => !set.has(item));
    return this.gone(taken);
  }

  private gone(taken: WaitingDelivery[]): WaitingDelivery[] {
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
