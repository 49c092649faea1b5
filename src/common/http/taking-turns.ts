import type { Socket } from 'node:net';

/** A connection that asks again and again is read once in about this time, however many there are: far below the five seconds Meta waits. */
const ROUND_MS = 1_500;
/** A turn that took long is not made up for by a longer one: else each would be longer than the one before. */
const LONGEST_TURN_MS = 100;
/** Whoever waits longer goes first, whatever it costs the others: a refusal must be early, and Meta counts its own time. */
const OVERDUE_MS = 2_500;
/** Fewer than libuv looks for more after. */
const MOST_OVERDUE = 800;
/** So few a turn are never too many: with few connections none waits for more than a turn. */
const FEWEST_A_TURN = 16;

interface ReadableHandle {
  readStop(): unknown;
  readStart(): unknown;
}

/**
 * Connections that were refused are read again in turn, so many in each turn of the event loop. Whoever is refused asks again
 * on the same connection, at once; and libuv does not end a turn as long as a thousand connections have something to read
 * (it looks up to 48 times for more). Thousands of them would keep it in one turn for seconds, without a commit, a timer, or
 * more than a few new connections; and what was taken would be answered too late, and taken in vain.
 */
export class TakingTurns {
  private readonly waiting: { readonly socket: Socket; readonly since: number }[] = [];
  /** Read again since the last turn, and since when they were not. */
  private readonly justRead = new Map<Socket, number>();
  private running = false;
  private turnBegan = 0;

  /** Since when (of `performance.now()`) the request that has just been read of it may have been there, unread; undefined: it was read as it came. */
  unreadSince(socket: Socket): number | undefined {
    return this.justRead.get(socket);
  }

  /** What is being read of it now is read to its end; the next request on it waits for its turn. */
  readLater(socket: Socket): void {
    const handle = handleOf(socket);
    if (!handle) return;
    handle.readStop();
    const since = performance.now();
    this.waiting.push({ socket, since });
    if (this.running) return;
    this.running = true;
    this.turnBegan = since;
    setImmediate(this.turn);
  }

  private readonly turn = (): void => {
    const now = performance.now();
    const took = Math.min(now - this.turnBegan, LONGEST_TURN_MS);
    this.turnBegan = now;
    const due = Math.max(FEWEST_A_TURN, Math.ceil((this.waiting.length * took) / ROUND_MS), this.overdue(now));
    // What was there is read in one go, before the next turn.
    this.justRead.clear();
    for (const { socket, since } of this.waiting.splice(0, due)) {
      handleOf(socket)?.readStart();
      this.justRead.set(socket, since);
    }
    this.running = this.justRead.size > 0;
    if (this.running) setImmediate(this.turn);
  };

  private overdue(now: number): number {
    let count = 0;
    while (count < MOST_OVERDUE && now - (this.waiting[count]?.since ?? now) > OVERDUE_MS) count++;
    return count;
  }
}

/**
 * Not `socket.pause()`: Node's HTTP server resumes a socket by itself once its request has been read or forgotten. Null: it
 * is closed, or of another kind; then it is read on as ever.
 */
function handleOf(socket: Socket): ReadableHandle | null {
  const { _handle: handle } = socket as unknown as { _handle?: Partial<ReadableHandle> | null };
  return handle?.readStop && handle.readStart ? (handle as ReadableHandle) : null;
}
