/** What is told apart from a send that this process is behind with: one whose call hangs. */
const HANGS_AFTER_MS = 2_000;

interface Waiting {
  readonly goOn: () => void;
  readonly timer: NodeJS.Timeout;
}

/** The sends this process has claimed and not recorded: not lost, however long they take. */
export class SendsInHand {
  /** When each was claimed, the oldest first. */
  private readonly since = new Map<number, number>();
  private waiting: Waiting[] = [];

  /** @param crowd beyond so many, the process is behind with sending */
  constructor(
    private readonly crowd: number,
    private readonly monotonicNow: () => number = () => performance.now(),
  ) {}

  get size(): number {
    return this.since.size;
  }

  has(id: number): boolean {
    return this.since.has(id);
  }

  add(id: number): void {
    this.since.set(id, this.monotonicNow());
  }

  delete(id: number): void {
    this.since.delete(id);
    if (this.waiting.length === 0 || this.isCrowded) return;
    for (const { goOn, timer } of this.waiting.splice(0)) {
      clearTimeout(timer);
      goOn();
    }
  }

  /** Resolves when it is not behind, or after `patienceMs`. */
  async notCrowded(patienceMs: number): Promise<void> {
    if (!this.isCrowded) return;
    await new Promise<void>((resolve) => {
      this.waiting.push({ goOn: resolve, timer: setTimeout(resolve, patienceMs) });
    });
  }

  /** Calls that hang do not count: Graph's slowness for some must not hold up what is decided for others. */
  private get isCrowded(): boolean {
    let recent = this.since.size;
    if (recent <= this.crowd) return false;
    const hangs = this.monotonicNow() - HANGS_AFTER_MS;
    for (const since of this.since.values()) {
      if (since > hangs) break;
      recent--;
    }
    return recent > this.crowd;
  }
}
