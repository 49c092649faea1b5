import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ACCOUNT, OutboxBed } from '../../../test/support/outbox-bed.js';

const HOUR_MS = 60 * 60_000;

describe('a private reply that waits for its hour’s limit', () => {
  let bed: OutboxBed;
  let people = 0;
  beforeAll(async () => {
    bed = await OutboxBed.open();
  });
  afterAll(async () => {
    await bed.close();
  });

  const texts = () => bed.sender.texts;
  const rows = () => bed.database.dataSource.query<{ id: number; request: string; next_attempt_at: string }[]>('SELECT * FROM outbox_messages ORDER BY id');

  /** Queued, and put off as `AttemptSend` does it where the hour is full. */
  async function postponed(text: string): Promise<string> {
    const person = `9${String(++people)}`;
    await bed.queueRequest(person, { recipient: { comment_id: `c${person}` }, message: { text } }, {}, text);
    const at = new Date(bed.clock.now().getTime() + HOUR_MS);
    await bed.database.dataSource.query(`UPDATE outbox_messages SET next_attempt_at = ? WHERE request LIKE ?`, [bed.database.dialect.time(at), `%c${person}%`]);
    return person;
  }

  it('lets go what is queued in its conversation meanwhile, in its order, and asks for its limit again behind it', async () => {
    const person = await postponed('answer to the comment');
    const [before] = await rows();
    await bed.queue(person, ['one'], { source: 'manual' });
    await bed.decide([person], { text: () => 'two' });
    expect((await rows()).at(-1)).toEqual({ ...before, id: expect.any(Number) });
    await bed.send();
    expect(texts()).toEqual(['one', 'two', 'answer to the comment']);
    expect(await rows()).toEqual([]);
  });

  it('lets go what was queued behind it before it was put off', async () => {
    const person = `9${String(++people)}`;
    await bed.queueRequest(person, { recipient: { comment_id: `c${person}` }, message: { text: 'answer to the comment' } });
    await bed.queue(person, ['hello']);
    const [claimed] = await bed.claims.execute(ACCOUNT, 1).then((claim) => (claim.kind === 'claimed' ? claim.messages : []));
    await bed.recorder.record({ claimed: claimed!, outcome: { kind: 'released', afterMs: HOUR_MS }, account: null, tokenHash: null, calledAt: bed.clock.now() });
    expect((await rows()).map(({ request }) => request.includes('hello'))).toEqual([true, false]);
    await bed.send();
    expect(texts().slice(-2)).toEqual(['hello', 'answer to the comment']);
  });

  it('lets go what is queued behind it, and later, also where it was tried once before', async () => {
    const person = `9${String(++people)}`;
    const reply = 'answer after a try';
    await bed.queueRequest(person, { recipient: { comment_id: `c${person}` }, message: { text: reply } });
    const before = texts().length;
    const { answer } = bed.sender;
    bed.sender.answer = () => ({ kind: 'retry', retryAfterMs: null, reason: 'A temporary error (code 2)', code: '2' });
    await bed.send();
    bed.sender.answer = answer;
    await bed.queue(person, ['hello']);
    bed.clock.pass(5);
    const [claimed] = await bed.claims.execute(ACCOUNT, 1).then((claim) => (claim.kind === 'claimed' ? claim.messages : []));
    await bed.recorder.record({ claimed: claimed!, outcome: { kind: 'released', afterMs: HOUR_MS }, account: null, tokenHash: null, calledAt: bed.clock.now() });
    expect((await rows()).map(({ request }) => request.includes('hello'))).toEqual([true, false]);
    await bed.queue(person, ['and this']);
    await bed.send();
    expect(texts().slice(before)).toEqual([reply, 'hello', 'and this', reply]);
    expect(await rows()).toEqual([]);
  });

  it('stays where it is when nothing is queued behind it', async () => {
    await postponed('alone');
    await bed.queue('somebody else', ['hello']);
    const before = await rows();
    await bed.send();
    expect(texts()).not.toContain('alone');
    expect(await rows()).toEqual(before.filter(({ request }) => request.includes('alone')));
    await bed.database.dataSource.query('DELETE FROM outbox_messages');
  });

  it('passes nothing that is on its way or uncertain', async () => {
    const person = await postponed('late');
    await bed.queue(person, ['uncertain']);
    bed.sender.answer = () => Promise.resolve({ kind: 'unknown', reason: 'the call broke off' });
    await bed.send();
    const before = texts().length;
    bed.clock.pass((2 * HOUR_MS) / 1000);
    await bed.send();
    expect(texts()).toHaveLength(before);
    expect((await rows()).map(({ request }) => /late/.test(request))).toEqual([false, true]);
    expect((await bed.waiting()).filter(({ accountId }) => accountId === ACCOUNT).map(({ status }) => status).sort()).toEqual(['queued', 'uncertain']);
  });
});
