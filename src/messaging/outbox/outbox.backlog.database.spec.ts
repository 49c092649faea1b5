import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sent } from '../../../test/support/fake-sender.js';
import { ACCOUNT, OutboxBed } from '../../../test/support/outbox-bed.js';
import type { ClaimedMessage } from './outbox-message.js';

describe('the outbox with a long queue', () => {
  let bed: OutboxBed;

  beforeEach(async () => {
    bed = await OutboxBed.open();
  });

  afterEach(async () => {
    await bed.close();
  });

  async function claim(): Promise<readonly ClaimedMessage[]> {
    const claimed = await bed.claims.execute(ACCOUNT, 32);
    return claimed.kind === 'claimed' ? claimed.messages : [];
  }

  it('finds what may go behind a conversation with thousands of messages, and keeps that one’s order', async () => {
    await bed.queue('1', Array.from({ length: 1500 }, (_, index) => `part ${String(index)}`));
    await bed.queue('2', ['hello']);
    await bed.queue('3', ['hello']);
    const claimed: ClaimedMessage[] = [];
    for (let round = 0; round < 3; round++) claimed.push(...(await claim()));
    expect(claimed.map((one) => one.conversationId)).toEqual([`${ACCOUNT}:1`, `${ACCOUNT}:2`, `${ACCOUNT}:3`]);
    // Each that is settled brings the next of its conversation back.
    let [before] = claimed;
    for (let part = 1; part <= 3; part++) {
      await bed.recorder.record({ claimed: before!, outcome: sent(`mid.${String(part)}`), account: null, tokenHash: null, calledAt: bed.clock.now() });
      const next = await claim();
      expect(next.map((one) => one.request['message'])).toEqual([{ text: `part ${String(part)}` }]);
      [before] = next;
    }
  });

  it('brings back at once what it put aside, though that had been claimed before and was given back uncalled', async () => {
    bed.deliver.open();
    bed.sender.answer = () =>
      bed.sender.calls.length === 1 ? { kind: 'retry', retryAfterMs: 5_000, code: '2', reason: 'try again' } : sent(`mid.${String(bed.sender.calls.length)}`);
    const given = Array.from({ length: 10 }, (_, index) => `given back ${String(index)}`);
    const queued = Array.from({ length: 200 }, (_, index) => `queued ${String(index)}`);
    await bed.decide(given.map(() => '1'), { text: ((next) => () => next.shift() ?? '')([...given]) });
    await bed.deliver.idle();
    await bed.queue('1', queued);
    bed.clock.pass(1);
    await bed.send();
    const aside = "SELECT COUNT(*) AS n FROM outbox_messages WHERE next_attempt_at > '2026-11-24 10:05'";
    expect(await rows(aside)).toEqual([{ n: given.length - 1 + queued.length }]);
    bed.clock.pass(5);
    await bed.send();
    expect(bed.sender.texts).toEqual([given[0], ...given, ...queued]);
  });

  it('fails what has come too late in pieces, and sends what is in time', async () => {
    await bed.queue('1', Array.from({ length: 700 }, () => 'late'), { sendBefore: bed.clock.now() });
    await bed.queue('2', ['in time']);
    expect(await bed.claims.execute(ACCOUNT, 32)).toEqual({ kind: 'claimed', messages: [], more: true, drained: false });
    expect(await rows('SELECT COUNT(*) AS n FROM outbox_messages')).toEqual([{ n: 201 }]);
    await bed.send();
    expect(bed.sender.texts).toEqual(['in time']);
    expect(await bed.waiting()).toEqual([]);
    expect(await rows('SELECT status, COUNT(*) AS n FROM messages GROUP BY status ORDER BY status')).toEqual([
      { status: 'failed', n: 700 }, { status: 'sent', n: 1 },
    ]);
  });

  const rows = (sql: string) => bed.database.dataSource.query<unknown[]>(sql);
});
