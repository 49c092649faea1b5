import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ACCOUNT, OutboxBed } from '../../../test/support/outbox-bed.js';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

describe('what a person has queued, and its window, on a database', () => {
  let bed: OutboxBed;

  beforeEach(async () => {
    bed = await OutboxBed.open();
  });
  afterEach(async () => {
    await bed.close();
  });

  const inMs = (ms: number) => new Date(bed.clock.now().getTime() + ms);
  const window = async (closesAt: Date, lastInboundAt = bed.clock.now()) => {
    await bed.setConversation('1', { windowClosesAt: closesAt, lastInboundAt });
  };
  const statuses = async () => (await bed.inConversation('1')).toReversed().filter(({ direction }) => direction === 'outbound').map(({ status }) => status);

  async function pauseFor(ms: number): Promise<void> {
    await bed.database.transactions.run((tx) => bed.accounts.pauseSending(tx, ACCOUNT, inMs(ms), 'Too many calls.', bed.clock.now()));
  }

  /** The window was to close in one. */
  async function pauseFor2Hours(): Promise<void> {
    await pauseFor(2 * HOUR_MS);
  }

  async function waitFor3Hours(): Promise<void> {
    for (let hours = 0; hours < 3; hours++) {
      bed.clock.pass(3_600);
      await bed.send();
    }
  }

  it('goes out after all where the customer has written again while it waited', async () => {
    await bed.recordMessage('1', 'mid.in');
    await window(inMs(HOUR_MS));
    await pauseFor2Hours();
    await bed.queue('1', ['by hand'], { source: 'manual', sendBefore: inMs(HOUR_MS) });
    await bed.queue('1', ['by a rule'], { sendBefore: inMs(HOUR_MS) });
    bed.clock.pass(60);
    await window(inMs(DAY_MS));
    await waitFor3Hours();
    expect(bed.sender.texts).toEqual(['by hand']);
    expect(await statuses()).toEqual(['sent', 'failed']);
    expect(await bed.waiting()).toEqual([]);
  });

  it('has with the tag HUMAN_AGENT seven days anew', async () => {
    await bed.recordMessage('1', 'mid.in');
    await pauseFor2Hours();
    const request = { recipient: { id: '1' }, message: { text: 'by hand' }, messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' };
    await bed.queueRequest('1', request, { source: 'manual', sendBefore: inMs(HOUR_MS) });
    // The window of a day is over again by then.
    await window(inMs(HOUR_MS), inMs(60_000));
    await waitFor3Hours();
    expect(await statuses()).toEqual(['sent']);
  });

  it('is given up after seven days, however often the customer has written', async () => {
    await bed.recordMessage('1', 'mid.in');
    await pauseFor(9 * DAY_MS);
    await bed.queue('1', ['by hand'], { source: 'manual', sendBefore: inMs(HOUR_MS) });
    const after: string[][] = [];
    for (let hours = 0; hours < 8 * 24; hours += 23) {
      await window(inMs(DAY_MS));
      bed.clock.pass(23 * 3_600);
      await bed.send();
      after.push(await statuses());
    }
    expect(after.slice(0, 7)).toEqual(Array(7).fill(['queued']));
    expect(after.at(-1)).toEqual(['failed']);
    expect(bed.sender.calls).toEqual([]);
  });

  it('is given up where the window is closed, and a typing sign or a private reply whatever the window', async () => {
    await bed.recordMessage('1', 'mid.in');
    await window(inMs(HOUR_MS));
    await pauseFor2Hours();
    const until = { source: 'manual', sendBefore: inMs(HOUR_MS) } as const;
    await bed.queue('1', ['too late'], until);
    await waitFor3Hours();
    await window(inMs(DAY_MS));
    await pauseFor2Hours();
    await bed.queueRequest('1', { recipient: { id: '1' }, sender_action: 'typing_on' }, { ...until, sendBefore: inMs(20_000) });
    await bed.queueRequest('1', { recipient: { comment_id: '9' }, message: { text: 'to the comment' } }, { ...until, sendBefore: inMs(HOUR_MS) });
    await waitFor3Hours();
    expect(bed.sender.calls).toEqual([]);
    expect(await statuses()).toEqual(['failed', 'failed', 'failed']);
  });
});
