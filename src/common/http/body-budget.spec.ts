import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyBudget } from './body-budget.js';

const MIB = 1024 * 1024;

function visit(budget: ReturnType<typeof bodyBudget>, headers: Record<string, string>) {
  const request = Object.assign(new EventEmitter(), { headers, destroyed: false, destroy: () => { request.destroyed = true; } });
  const response = new EventEmitter();
  let refusal: unknown;
  budget(request as unknown as IncomingMessage, response as unknown as ServerResponse, (error) => { refusal = error; });
  return { request, refusal, end: () => response.emit('close') };
}

describe('the budget for bodies held in memory', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('refuses large ones beyond it, with the request to come back, and takes them again when others are gone', () => {
    const budget = bodyBudget(10 * MIB, 25 * MIB);
    const large = { 'content-length': String(10 * MIB) };
    const first = visit(budget, large);
    expect([first.refusal, visit(budget, large).refusal]).toEqual([undefined, undefined]);
    expect(visit(budget, large).refusal).toMatchObject({ kind: 'unavailable', retryAfterSeconds: 5 });
    // What is small is never refused; what is too long is refused by the parser, unread.
    expect(visit(budget, { 'content-length': '4000' }).refusal).toBeUndefined();
    expect(visit(budget, { 'content-length': String(11 * MIB) }).refusal).toBeUndefined();
    first.end();
    expect(visit(budget, large).refusal).toBeUndefined();
  });

  it('counts what comes without its length being said', () => {
    const budget = bodyBudget(10 * MIB, 3 * MIB);
    const [one, two] = [visit(budget, { 'transfer-encoding': 'chunked' }), visit(budget, { 'transfer-encoding': 'chunked' })];
    one.request.emit('data', Buffer.alloc(2 * MIB));
    expect(one.request.destroyed).toBe(false);
    two.request.emit('data', Buffer.alloc(2 * MIB));
    expect(two.request.destroyed).toBe(true);
    two.end();
    one.request.emit('data', Buffer.alloc(MIB));
    expect(one.request.destroyed).toBe(false);
  });

  it('is not filled by bodies that are announced and do not come', () => {
    jest.useFakeTimers();
    const budget = bodyBudget(10 * MIB, 25 * MIB);
    const large = { 'content-length': String(10 * MIB) };
    const stalled = [visit(budget, large), visit(budget, large)];
    stalled[0]?.request.emit('data', Buffer.alloc(6 * MIB));
    expect(visit(budget, large).refusal).toBeDefined();
    jest.advanceTimersByTime(1_000);
    // 6 MiB have come, and are held.
    const next = visit(budget, large);
    expect([next.refusal, visit(budget, large).refusal]).toEqual([undefined, expect.anything()]);
    // Should they go on after all, they are counted as they come.
    stalled[1]?.request.emit('data', Buffer.alloc(8 * MIB));
    expect(stalled[1]?.request.destroyed).toBe(false);
    stalled[1]?.request.emit('data', Buffer.alloc(2 * MIB));
    expect(stalled[1]?.request.destroyed).toBe(true);
    for (const one of [...stalled, next]) one.end();
    expect([visit(budget, large).refusal, visit(budget, large).refusal]).toEqual([undefined, undefined]);
  });

  it('is not filled by small ones that do not come either, however many connections announce them', () => {
    jest.useFakeTimers();
    const budget = bodyBudget(10 * MIB, MIB);
    const small = { 'content-length': '16000' };
    const stalled: ReturnType<typeof visit>[] = [];
    do stalled.push(visit(budget, small)); while (stalled.at(-1)?.refusal === undefined);
    jest.advanceTimersByTime(1_000);
    expect(visit(budget, small).refusal).toBeUndefined();
    // What has come of them is held.
    for (const one of stalled.slice(0, -1)) one.request.emit('data', Buffer.alloc(16_000));
    expect(visit(budget, small).refusal).toBeDefined();
  });

  it('forgets what still comes of a body that was answered already', () => {
    const budget = bodyBudget(10 * MIB, 25 * MIB);
    const endless = visit(budget, { 'transfer-encoding': 'chunked' });
    endless.request.emit('data', Buffer.alloc(11 * MIB));
    endless.end(); // with 413, by the parser
    for (let i = 0; i < 10; i++) endless.request.emit('data', Buffer.alloc(10 * MIB));
    expect(visit(budget, { 'content-length': String(10 * MIB) }).refusal).toBeUndefined();
  });
});
