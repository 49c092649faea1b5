import { Logger } from '@nestjs/common';
import type { Refusal } from '../common/telemetry.js';

const QUIET_MS = 10_000;

/** Says that deliveries are refused: at the first one, then once in a while with how many, and when it is over. */
export class RefusalLog {
  private readonly logger = new Logger('Overload');
  private readonly counts = new Map<Refusal, number>();
  private timer: NodeJS.Timeout | null = null;

  note(reason: Refusal): void {
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1);
    if (this.timer) return;
    this.logger.warn(`Deliveries are refused with 503 (${reason}); Meta delivers them again`);
    this.wait();
  }

  private wait(): void {
    this.timer = setTimeout(() => {
      this.timer = null;
      if (this.counts.size === 0) {
        this.logger.log('Deliveries are taken again');
        return;
      }
      const reasons = [...this.counts].map(([reason, count]) => `${String(count)} ${reason}`).join(', ');
      this.counts.clear();
      this.logger.warn(`Deliveries refused with 503 in the last ${String(QUIET_MS / 1000)} s: ${reasons}`);
      this.wait();
    }, QUIET_MS).unref();
  }
}
