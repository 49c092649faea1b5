import type { DataSource } from 'typeorm';

/**
 * A row that somebody keeps locked (an open session of a person, a host that vanished in the middle) is not waited for as
 * long as MySQL would, which is 50 s: callers have five, and whoever waits keeps others waiting. (A second may be added: that
 * is how often MySQL looks who has waited too long.) And a host that vanished does not say so: what it has locked is free when
 * its session has been idle for that long, instead of after MySQL's eight hours. Our own connections are retired before
 * (`idleTimeout`). Not for migrations, which take their time.
 */
export const LOCK_WAIT_SECONDS = 2;
const SESSION_IDLE_SECONDS = 120;

export function limitWaits(dataSource: DataSource): void {
  const { pool } = dataSource.driver as unknown as { pool?: Pool };
  const limited = new WeakSet<Connection>();
  // In front of whatever the connection is wanted for.
  pool?.on('acquire', (connection) => {
    if (limited.has(connection)) return;
    limited.add(connection);
    connection.query(`SET SESSION innodb_lock_wait_timeout = ${String(LOCK_WAIT_SECONDS)}, wait_timeout = ${String(SESSION_IDLE_SECONDS)}`, () => {
      // Refused, it waits as long as the server lets it: no reason to do without the connection. Unheard, an error would end the process.
    });
  });
}

interface Connection {
  query(sql: string, done: (error: unknown) => void): void;
}

interface Pool {
  on(event: 'acquire', listener: (connection: Connection) => void): void;
}
