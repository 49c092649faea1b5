import { expect, it } from '@jest/globals';
import { ACCOUNT, InboxBed, OTHER_ACCOUNT, text } from '../../../test/support/inbox-bed.js';
import { parseEnvironment } from '../../config/index.js';
import { EarlyChangeRepository, type EarlyChange } from '../../conversations/index.js';
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

it('forgets changes whose message never came once they are old, and none that is younger, be it of the same message', async () => {
  const bed = await InboxBed.open();
  const { transactions, dialect } = bed.db;
  const [changes, retention] = [new EarlyChangeRepository(dialect), new RetentionRepository(dialect)];
  const change = (externalKey: string, dedupeKey: string, accountId = ACCOUNT): EarlyChange => ({ accountId, externalKey, dedupeKey, change: { kind: 'read', at: bed.clock.now() } });
  const keep = async (kept: readonly EarlyChange[]) => {
    await transactions.run((tx) => changes.insertMany(tx, kept, bed.clock.now()));
  };

  // More messages than go at once.
  await keep([...Array.from({ length: 230 }, (_, i) => change(`m${String(i)}`, 'a')), change('m0', 'b'), change('m0', 'a', OTHER_ACCOUNT)]);
  bed.clock.forward(DAY_MS);
  const now = bed.clock.now();
  await keep([change('m0', 'c'), change('m1', 'd'), change('young', 'a')]);
  const more: boolean[] = [];
  for (let round = 0; round < 2; round++) more.push(await transactions.run((tx) => retention.deleteEarlyChanges(tx, ACCOUNT, now, 220)));

  expect(more).toEqual([true, false]);
  const left = await bed.query<{ account_id: string; external_key: string; dedupe_key: string }>('SELECT account_id, external_key, dedupe_key FROM early_changes');
  expect(left.map((row) => `${row.account_id} ${row.external_key} ${row.dedupe_key}`).toSorted()).toEqual([
    `${ACCOUNT} m0 c`, `${ACCOUNT} m1 d`, `${ACCOUNT} young a`, `${OTHER_ACCOUNT} m0 a`,
  ]);
  await bed.db.close();
});
