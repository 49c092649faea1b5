import { describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { InProcessDoorbell, LANES_AT_ONCE } from './in-process.doorbell.js';

/** A handler whose runs the test lets end one by one. */
function heldHandler() {
  const runs: { lane: number; end: () => void; fail: (error: Error) => void }[] = [];
  const handler = (lane: number) =>
    new Promise<void>((resolve, reject) => {
      runs.push({ lane, end: resolve, fail: reject });
    });
  return { runs, handler };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('InProcessDoorbell', () => {
  it('merges bells of a waiting lane, and keeps those rung before it was opened', async () => {
    const bell = new InProcessDoorbell();
    const { runs, handler } = heldHandler();
    bell.answer('inbox', handler);
    for (let i = 0; i < 5; i++) bell.ring('inbox', 17);
    await turn();
    expect(runs).toHaveLength(0);
    bell.start();
    await turn();
    expect(runs.map((run) => run.lane)).toEqual([17]);
    runs[0]!.end();
    await turn();
    expect(runs).toHaveLength(1);
  });

  it('answers bells rung during a run with exactly one more run, also when the run fails', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const bell = new InProcessDoorbell();
    const { runs, handler } = heldHandler();
    bell.answer('inbox', handler);
    bell.start();
    bell.ring('inbox', 3);
    await turn();
    for (let i = 0; i < 3; i++) bell.ring('inbox', 3);
    await turn();
    expect(runs).toHaveLength(1); // never two at once
    runs[0]!.fail(new Error('out of luck'));
    await turn();
    expect(runs).toHaveLength(2);
    runs[1]!.end();
    await turn();
    expect(runs).toHaveLength(2);
    expect(logged).toHaveBeenCalledTimes(1);
    logged.mockRestore();
  });

  it('works on a bounded number of lanes, and on the topics independently', async () => {
    const bell = new InProcessDoorbell();
    const inbox = heldHandler();
    const outbox = heldHandler();
    bell.answer('inbox', inbox.handler);
    bell.answer('outbox', outbox.handler);
    bell.start();
    for (let lane = 0; lane < 20; lane++) bell.ring('inbox', lane);
    bell.ring('outbox', 0);
    await turn();
    expect(inbox.runs).toHaveLength(LANES_AT_ONCE);
    expect(outbox.runs).toHaveLength(1);
    inbox.runs[0]!.end();
    await turn();
    expect(inbox.runs).toHaveLength(LANES_AT_ONCE + 1);
  });

  it('stops when the lanes in hand are done, and begins nothing new', async () => {
    const bell = new InProcessDoorbell();
    const { runs, handler } = heldHandler();
    bell.answer('inbox', handler);
    bell.start();
    bell.ring('inbox', 1);
    await turn();
    bell.ring('inbox', 1);
    let stopped = false;
    const stopping = bell.stop().then(() => (stopped = true));
    await turn();
    expect(stopped).toBe(false);
    bell.ring('inbox', 2);
    runs[0]!.end();
    await stopping;
    expect(runs).toHaveLength(1);
  });

  it('loses no work, whenever a bell falls', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 4 })), { maxLength: 60 }),
        async (rings) => {
          const bell = new InProcessDoorbell();
          const waiting = [0, 0, 0, 0];
          const busy = new Set<number>();
          bell.answer('inbox', async (lane) => {
            expect(busy.has(lane)).toBe(false);
            busy.add(lane);
            const seen = waiting[lane]!; // what a transaction saw when it began
            for (let i = 0; i < lane + 1; i++) await Promise.resolve();
            waiting[lane]! -= seen;
            busy.delete(lane);
          });
          bell.start();
          for (const [lane, pause] of rings) {
            waiting[lane]!++;
            bell.ring('inbox', lane);
            for (let i = 0; i < pause; i++) await Promise.resolve();
          }
          await turn();
          expect(waiting).toEqual([0, 0, 0, 0]);
        },
      ),
    );
  });
});
