import { describe, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { DataSource } from 'typeorm';
import { giveUpOnSilence } from './silent-server.js';

class FakeStream extends EventEmitter {
  timeout = 0;
  destroyedWith: unknown = null;

  setTimeout(ms: number): void {
    this.timeout = ms;
  }

  destroy(error: unknown): void {
    this.destroyedWith = error;
  }
}

describe('giving up on a silent server', () => {
  it('watches a connection while it is used, and only then', () => {
    const pool = new EventEmitter();
    const stream = new FakeStream();
    giveUpOnSilence({ driver: { pool } } as unknown as DataSource, 500);
    for (let times = 0; times < 3; times++) {
      pool.emit('acquire', { stream });
      expect(stream.timeout).toBe(500);
      pool.emit('release', { stream });
      expect(stream.timeout).toBe(0);
    }
    expect(stream.listenerCount('timeout')).toBe(1);
    stream.emit('timeout');
    expect(stream.destroyedWith).toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('leaves an embedded database alone', () => {
    expect(() => {
      giveUpOnSilence({ driver: {} } as unknown as DataSource);
    }).not.toThrow();
  });
});
