interface Worker {
  readonly maxSilenceMs: number;
  lastBeat: number;
}

/**
 * Background loops say here that they are alive, so that `/health` can tell a quiet worker from a stuck one. A loop
 * registers once, with how long a healthy one may be silent, and then beats at every round.
 */
export class WorkerPulse {
  private readonly workers = new Map<string, Worker>();

  /** @param monotonicNow in milliseconds: a clock that is set must neither alarm anybody nor hide a loop that hangs */
  constructor(private readonly monotonicNow: () => number = () => performance.now()) {}

  expect(name: string, maxSilenceMs: number): void {
    this.workers.set(name, { maxSilenceMs, lastBeat: this.monotonicNow() });
  }

  beat(name: string): void {
    const worker = this.workers.get(name);
    if (worker) worker.lastBeat = this.monotonicNow();
  }

  /** The loop has ended on purpose. */
  forget(name: string): void {
    this.workers.delete(name);
  }

  get size(): number {
    return this.workers.size;
  }

  /** The loops that have been silent for longer than they may. */
  silent(): string[] {
    const now = this.monotonicNow();
    return [...this.workers].filter(([, worker]) => now - worker.lastBeat > worker.maxSilenceMs).map(([name]) => name);
  }
}
