import type { DataSource } from 'typeorm';

/** Statements that have much to do are silent too. */
const MOST_SILENCE_MS = 60_000;

/**
 * A server that goes without a word (its machine dies, a network is cut) leaves connections on which an answer would be
 * waited for until the system gives up, a quarter of an hour later: deliveries would hang, and workers stand still long
 * after the database is back. So a connection in use that stays silent is closed, which ends what waits for it with
 * ETIMEDOUT. Not for migrations: altering a large table is silent for as long as it takes.
 */
export function giveUpOnSilence(dataSource: DataSource, mostMs = MOST_SILENCE_MS): void {
  const { pool } = dataSource.driver as unknown as { pool?: Pool };
  const watched = new WeakSet<Stream>();
  pool?.on('acquire', ({ stream }) => {
    if (!watched.has(stream)) {
      watched.add(stream);
      stream.on('timeout', () => {
        stream.destroy(Object.assign(new Error(`The database has not answered for ${String(mostMs / 1000)} s`), { code: 'ETIMEDOUT' }));
      });
    }
    stream.setTimeout(mostMs);
  });
  pool?.on('release', ({ stream }) => {
    stream.setTimeout(0);
  });
}

interface Stream {
  on(event: 'timeout', listener: () => void): void;
  setTimeout(ms: number): void;
  destroy(error: Error): void;
}

interface Pool {
  on(event: 'acquire' | 'release', listener: (connection: { readonly stream: Stream }) => void): void;
}
