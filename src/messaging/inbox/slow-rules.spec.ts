import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ACCOUNT, CUSTOMER, InboxBed, item, OTHER_ACCOUNT, START, text } from '../../../test/support/inbox-bed.js';
import { CompiledRules } from '../../rules/index.js';
import { laneOf } from '../lanes.js';

const LANE = laneOf(`${ACCOUNT}:${CUSTOMER}`);
/** Somebody who writes to the other account, in the same lane. */
const NEIGHBOUR = Array.from({ length: 10_000 }, (_, i) => String(i + 1)).find((id) => laneOf(`${OTHER_ACCOUNT}:${id}`) === LANE)!;

describe('an account with slow rules', () => {
  let bed: InboxBed;
  let now: number;
  /** What the rules of ACCOUNT take for an event; everything else takes no time. */
  let takes: number;
  beforeEach(async () => {
    bed = await InboxBed.open();
    await bed.set({ max_automatic_turns: 1000 });
    for (const account_id of [ACCOUNT, OTHER_ACCOUNT]) await bed.addRule({ account_id, response_template: 'to {{ text }}' });
    await bed.set({ username: 'neighbour' }, OTHER_ACCOUNT);
    now = 1000;
    takes = 200;
    const evaluate = CompiledRules.prototype.evaluate;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    jest.spyOn(CompiledRules.prototype, 'evaluate').mockImplementation(function (this: CompiledRules, facts, ...rest) {
      if (facts.account.username !== 'neighbour') now += takes;
      return evaluate.call(this, facts, ...rest);
    });
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await bed.db.close();
  });

  const inbound = async (account = ACCOUNT) => (await bed.query<{ text: string }>(
    `SELECT text FROM messages WHERE account_id = ? AND direction = 'inbound' ORDER BY position`, [account],
  )).map((row) => row.text);
  const events = () => bed.query<{ status: string; attempts: number; error: string | null; next_attempt_at: string | null }>(
    'SELECT status, attempts, error, next_attempt_at FROM webhook_events ORDER BY id',
  );
  const write = (count: number) => bed.deliver(
    Array.from({ length: count }, (_, i) => text(`m${String(i)}`, String(i), { timestamp: START - 1000 + i })).reverse(),
  );

  it('has its set cut short: what was applied stands, and the rest waits as it was, no attempt the worse', async () => {
    await write(7);
    expect(await bed.processEvents.execute(LANE)).toBe('more');
    expect(await inbound()).toEqual(['0', '1']);
    expect(await bed.sends()).toHaveLength(2);
    const fresh = { status: 'pending', attempts: 0, error: null, next_attempt_at: null };
    const applied = { status: 'processed', attempts: 1, error: null, next_attempt_at: null };
    expect((await events()).reverse()).toEqual([applied, applied, ...Array.from({ length: 5 }, () => fresh)]);
  });

  it('gets all of it applied set by set, in order and once, with what came meanwhile', async () => {
    await write(5);
    const sets = [await bed.processEvents.execute(LANE)];
    await bed.deliver([text('late', 'late'), item({ reaction: { mid: 'm4', action: 'react', emoji: '❤' } }, { timestamp: START + 1 })]);
    for (let i = 0; i < 3; i++) sets.push(await bed.processEvents.execute(LANE));
    expect(sets).toEqual(['more', 'more', 'more', 'idle']);
    expect(await inbound()).toEqual(['0', '1', '2', '3', '4', 'late']);
    expect((await bed.sends()).map(({ request }) => request.message.text)).toEqual(['0', '1', '2', '3', '4', 'late'].map((said) => `to ${said}`));
    expect((await events()).every(({ status, attempts }) => status === 'processed' && attempts === 1)).toBe(true);
    expect((await bed.message('m4'))!.reactions).toHaveLength(1);
  });

  it('gets one event a set at least, however long that takes', async () => {
    takes = 5000;
    await write(2);
    expect([await bed.processEvents.execute(LANE), await inbound()]).toEqual(['more', ['0']]);
    expect([await bed.processEvents.execute(LANE), await inbound()]).toEqual(['idle', ['0', '1']]);
  });

  it('has the echo of its own send known as such, though the set that first saw it ended before', async () => {
    await write(1);
    await bed.process();
    await bed.query(`UPDATE outbox_messages SET status = 'sending', attempted_at = '2026-11-01 12:00:00.000'`);
    await bed.query(`UPDATE messages SET status = 'sending' WHERE direction = 'outbound'`);
    const echo = item({ message: { mid: 'own', text: 'to 0', is_echo: true } }, { sender: { id: ACCOUNT }, recipient: { id: CUSTOMER }, timestamp: START + 3 });
    await bed.deliver([text('a', 'a', { timestamp: START + 1 }), text('b', 'b', { timestamp: START + 2 }), echo]);
    expect(await bed.processEvents.execute(LANE)).toBe('more');
    expect((await events()).map(({ status }) => status)).toEqual(['processed', 'processed', 'processed', 'pending']);
    expect(await bed.processEvents.execute(LANE)).toBe('idle');
    expect((await bed.decisions()).at(-1)!.stopped).toMatch(/^it confirms our message /);
    expect((await bed.messages()).map(({ text: said }) => said)).toEqual(['0', 'to 0', 'a', 'to a', 'b', 'to b']);
    expect(await bed.message('own')).toMatchObject({ status: 'sent', sentAt: new Date(START + 3) });
    expect(await bed.conversation()).toMatchObject({ takeoverUntil: null });
  });

  it('is not cut short where that is all there is to do', async () => {
    await write(2);
    expect(await bed.processEvents.execute(LANE)).toBe('idle');
  });

  it('lets whoever shares its lane go first from then on, and no more once it is quick again', async () => {
    const others = (mid: string, at: number) => bed.deliver(
      [text(mid, mid, { sender: { id: NEIGHBOUR }, recipient: { id: OTHER_ACCOUNT }, timestamp: at })], OTHER_ACCOUNT,
    );
    takes = 1000;
    await write(4);
    await others('n1', START);
    await bed.processEvents.execute(LANE);
    expect([await inbound(), await inbound(OTHER_ACCOUNT)]).toEqual([['0'], []]);
    await bed.processEvents.execute(LANE);
    expect([await inbound(), await inbound(OTHER_ACCOUNT)]).toEqual([['0', '1'], ['n1']]);
    takes = 1;
    expect(await bed.processEvents.execute(LANE)).toBe('idle');
    takes = 1000;
    await bed.deliver([text('m9', 'slow once more', { timestamp: START + 1 })]);
    await others('n2', START + 2);
    await bed.processEvents.execute(LANE);
    expect([await inbound(), await inbound(OTHER_ACCOUNT)]).toEqual([['0', '1', '2', '3', 'slow once more'], ['n1']]);
  });
});
