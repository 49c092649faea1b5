import { expect, it } from '@jest/globals';
import { InboxBed, OTHER_ACCOUNT, text } from '../../../test/support/inbox-bed.js';
import { parseEnvironment } from '../../config/index.js';
import type { Instances } from '../instances/instances.js';
import { RetentionJob } from './retention.job.js';
import { RetentionRepository } from './retention.repository.js';

const DAY_MS = 24 * 60 * 60_000;

it('removes settled events of every account once they are old, never one that waits, and no message', async () => {
  const bed = await InboxBed.open();
  const settings = parseEnvironment({ EVENT_RETENTION_DAYS: '3' });
  const job = new RetentionJob(bed.db.transactions, new RetentionRepository(bed.db.dialect), settings, { isEldest: true } as Instances, bed.clock);
  const mids = async () => (await bed.query<{ payload: string }>('SELECT payload FROM webhook_events ORDER BY id'))
    .map((row) => (JSON.parse(row.payload) as { message: { mid: string } }).message.mid);

  // More than one piece.
  await bed.deliver(Array.from({ length: 1200 }, (_, i) => text(`old${String(i)}`, 'hi', { sender: { id: String(1 + (i % 9)) } })));
  await bed.deliver([text('other account', 'hi')], OTHER_ACCOUNT);
  await bed.process();
  await bed.deliver([text('waits', 'hi')]);
  bed.clock.forward(2 * DAY_MS);
  await bed.deliver([text('young', 'hi', { sender: { id: '77' } })]);
  await bed.query(`UPDATE webhook_events SET status = 'processed', pending_lane = NULL WHERE payload LIKE '%young%'`);

  await job.run();
  expect(await mids()).toHaveLength(1203);
  bed.clock.forward(2 * DAY_MS);
  await job.run();
  expect(await mids()).toEqual(['waits', 'young']);
  expect(await bed.messages()).toHaveLength(1201);
  await bed.db.close();
});
