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

  expect(name: string, maxSilenceMs: number, now: Date): void {
    this.workers.set(name, { maxSilenceMs, lastBeat: now.getTime() });
  }

  beat(name: string, now: Date): void {
    const worker = this.workers.get(name);
    if (worker) worker.lastBeat = now.getTime();
  }

  /** The loop has ended on purpose. */
  forget(name: string): void {
    this.workers.delete(name);
  }

  get size(): number {
    return this.workers.size;
  }

  /** The loops that have been silent for longer than they may. */
  silent(now: Date): string[] {
    return [...this.workers].filter(([, worker]) => now.getTime() - worker.lastBeat > worker.maxSilenceMs).map(([name]) => name);
  }
}
