import type { InstanceSign } from './instance.repository.js';

/** Counting once a second: one that was not seen to count for so long is dead, or may as well be. */
export const SILENT_AFTER_MS = 5_000;
/** Where the watcher itself has not looked for so long, nobody could be seen to count: the database was away. */
const LOOKED_AWAY_MS = 2_500;

interface Watched {
  beats: number;
  /** When it was last seen to have counted on. */
  at: number;
  told: boolean;
}

/** What a watcher has seen of the others' counting. Pure but for what it remembers; times are its own monotonic clock's. */
export class InstanceSigns {
  private readonly others = new Map<string, Watched>();
  private lookedAt = -Infinity;

  constructor(private readonly me: string) {}

  /** @returns those found silent for the first time */
  note(seen: readonly InstanceSign[], now: number): string[] {
    const lookedAway = now - this.lookedAt > LOOKED_AWAY_MS;
    this.lookedAt = now;
    const listed = new Set(seen.map(({ id }) => id));
    for (const id of this.others.keys()) if (!listed.has(id)) this.others.delete(id);
    for (const { id, beats } of seen) {
      if (id === this.me) continue;
      const known = this.others.get(id);
      if (known?.beats !== beats) this.others.set(id, { beats, at: now, told: false });
      else if (lookedAway) known.at = now;
    }
    const news = this.silent(now).filter((id) => this.others.get(id)?.told === false);
    for (const id of news) this.others.set(id, { ...this.others.get(id), told: true } as Watched);
    return news;
  }

  forget(id: string): void {
    this.others.delete(id);
  }

  silent(now: number): string[] {
    if (now - this.lookedAt > LOOKED_AWAY_MS) return [];
    return this.ids((watched) => now - watched.at >= SILENT_AFTER_MS);
  }

  alive(now: number): string[] {
    return this.ids((watched) => now - watched.at < SILENT_AFTER_MS);
  }

  private ids(which: (watched: Watched) => boolean): string[] {
    return [...this.others].filter(([, watched]) => which(watched)).map(([id]) => id);
  }
}
