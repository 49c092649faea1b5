import { constants } from 'node:os';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/** Below the half minute that Docker and platforms are told to wait. Longer than a call to Graph and the record of its outcome take. */
const STOP_WITHIN_MS = 25_000;
/**
 * One telling may come as several signals: a terminal, or a process manager, signals npm, its shell and the service at once, and
 * whoever started the service hands it on.
 */
const AGAIN_AFTER_MS = 2_000;

/** Before the service has started there is nothing to finish: told to end, it ends. */
export class EarlySignals {
  private readonly end = (signal: NodeJS.Signals): void => {
    process.exit(128 + constants.signals[signal]);
  };

  private constructor() {}

  static heed(): EarlySignals {
    const early = new EarlySignals();
    for (const signal of SIGNALS) process.on(signal, early.end);
    return early;
  }

  /** Somebody else heeds them from now on. */
  handOver(): void {
    for (const signal of SIGNALS) process.off(signal, this.end);
  }
}

/**
 * What is in hand is finished when a signal comes, by others. Where that takes too long (a database that has fallen silent), or
 * whoever sent the signal sends it again, the process ends all the same: what is not recorded is looked up at the next start.
 * @param report told why, in plain words
 */
export function stopInTime(report: (trouble: string) => void, withinMs = STOP_WITHIN_MS, againAfterMs = AGAIN_AFTER_MS): void {
  let begunAt: number | null = null;
  const end = (why: string) => {
    report(`${why}: what is still in hand is left, and found out about at the next start`);
    process.exit(1);
  };
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (begunAt !== null) {
        if (performance.now() - begunAt >= againAfterMs) end('Told again to stop');
        return;
      }
      begunAt = performance.now();
      setTimeout(() => {
        end(`Stopping has taken ${String(withinMs / 1000)} seconds`);
      }, withinMs).unref();
    });
  }
}
