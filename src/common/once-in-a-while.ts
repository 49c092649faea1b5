/** For what would be said a thousand times a second: true at the first call, and then once in `everyMs`. */
export class OnceInAWhile {
  private last = -Infinity;

  constructor(private readonly everyMs = 10_000) {}

  isDue(now = performance.now()): boolean {
    if (now - this.last < this.everyMs) return false;
    this.last = now;
    return true;
  }
}
