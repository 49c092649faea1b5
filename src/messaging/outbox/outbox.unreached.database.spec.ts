import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sent } from '../../../test/support/fake-sender.js';
import { ACCOUNT, OutboxBed } from '../../../test/support/outbox-bed.js';
import type { GraphClient } from '../graph/graph-client.js';
import { GraphTransportError } from '../graph/graph-transport.error.js';
import { InstagramMessageSender } from '../graph/instagram-message.sender.js';
import type { SendOutcome } from '../message-sender.port.js';

const AWAY_SECONDS = 90;

describe('the way to Graph is away for a while, on a database', () => {
  let bed: OutboxBed;
  let wayIsBackAt: Date;

  beforeEach(async () => {
    bed = await OutboxBed.open();
    wayIsBackAt = new Date(bed.clock.at.getTime() + AWAY_SECONDS * 1000);
  });

  afterEach(async () => {
    await bed.close();
  });

  const noWay = new InstagramMessageSender({
    post: () => Promise.reject(new GraphTransportError('EAI_AGAIN', true)),
  } as unknown as GraphClient);

  /** What Graph answers, one after the other, once it can be reached; then it takes everything. */
  function answerWith(...answers: readonly SendOutcome[]): void {
    const left = [...answers];
    bed.sender.answer = (request) => (bed.clock.at < wayIsBackAt ? noWay.sendMessage(request) : (left.shift() ?? sent('mid.1')));
  }

  async function goOn(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      await bed.send();
      await bed.settle.execute(ACCOUNT);
      bed.clock.pass(1);
    }
  }

  const temporary: SendOutcome = { kind: 'retry', retryAfterMs: null, reason: 'A temporary error (code 2)', code: '2' };
  const attachment: SendOutcome = { ...temporary, reason: 'It could not be fetched', code: '100/2018008', maxAttempts: 2 };

  it.each<[string, SendOutcome]>([
    ['a temporary error', temporary],
    ['a time-out that look-ups prove absent', { kind: 'unknown', reason: 'ETIMEDOUT' }],
    ['an attachment that could not be fetched', attachment],
  ])('%s afterwards has the tries it always has', async (_, answer) => {
    const sendBefore = new Date(bed.clock.at.getTime() + 3_600_000);
    await bed.queue('1', ['hello'], { sendBefore });
    answerWith(answer);
    await goOn(AWAY_SECONDS + 120);
    expect((await bed.inConversation('1'))[0]).toMatchObject({ status: 'sent', error: null });
  });

  it('is asked for again and again, and less often as time goes by', async () => {
    await bed.queue('1', ['hello']);
    wayIsBackAt = new Date(bed.clock.at.getTime() + 3_600_000);
    answerWith();
    await goOn(600);
    expect(bed.sender.calls.length).toBeGreaterThan(9);
    expect(bed.sender.calls.length).toBeLessThan(25);
    expect((await bed.inConversation('1'))[0]).toMatchObject({ status: 'queued', error: 'Graph could not be reached (EAI_AGAIN); it is tried again by itself.' });
  });
});
