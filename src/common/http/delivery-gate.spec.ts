import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { deliveryGate, type DeliveryRequest, LONGEST_TURN_MS } from './delivery-gate.js';

function gateOf(mostInHand: number, ms = 0, longestTurnMs?: number) {
  const refused = jest.fn();
  const noted: number[] = [];
  const gate = deliveryGate({
    isDelivery: (request) => request.url === '/webhooks', refused, mostInHand, ...(longestTurnMs === undefined ? {} : { longestTurnMs }), cost: { ms, noteTaken: () => undefined, noteAnswered: (inHand) => noted.push(inHand), noteRefused: () => undefined },
  });
  const visit = (url = '/webhooks', complete = true, from?: DeliveryRequest['socket']) => {
    const response = Object.assign(new EventEmitter(), { writeHead: jest.fn(), end: jest.fn() });
    const socket = { _handle: { readStop: jest.fn(), readStart: jest.fn() } };
    let passed = false;
    const request = { url, headers: {}, socket: from ?? socket, complete } as unknown as DeliveryRequest;
    gate(request, response as unknown as ServerResponse, () => { passed = true; });
    return { passed, request, response, isRead: socket._handle.readStop.mock.calls.length === 0, end: () => response.emit('close') };
  };
  return { visit, refused, noted };
}

describe('the gate for deliveries', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('lets in as many as can be in hand, refuses the next, and lets in again when one is answered', () => {
    const { visit, refused, noted } = gateOf(2);
    const first = visit();
    expect([first.passed, visit().passed]).toEqual([true, true]);
    const third = visit();
    expect(third.passed).toBe(false);
    expect(third.response.writeHead).toHaveBeenCalledWith(503, expect.objectContaining({ 'Retry-After': '2' }));
    expect(JSON.parse(String(third.response.end.mock.calls[0]?.[0]))).toMatchObject({ statusCode: 503, error: 'Service Unavailable' });
    expect(refused).toHaveBeenCalledTimes(1);
    expect([first.isRead, third.isRead]).toEqual([true, false]);
    expect(visit('/health').passed).toBe(true);
    first.end();
    expect(noted).toEqual([1]);
    expect(visit().passed).toBe(true);
  });

  it('says of one that comes where it has refused one before since when it may have been there', async () => {
    const { visit } = gateOf(1);
    const first = visit();
    const before = performance.now();
    const { socket } = visit().request;
    const after = performance.now();
    first.end();
    await new Promise((resolve) => setImmediate(resolve));
    const again = visit('/webhooks', true, socket);
    expect([first.passed, again.passed]).toEqual([true, true]);
    expect(first.request.unreadSince).toBeUndefined();
    expect(again.request.unreadSince).toBeGreaterThanOrEqual(before);
    expect(again.request.unreadSince).toBeLessThanOrEqual(after);
  });

  it('does not count those whose bodies do not come', () => {
    jest.useFakeTimers();
    const { visit } = gateOf(2);
    const [slow, other] = [visit('/webhooks', false), visit()];
    expect(visit().passed).toBe(false);
    jest.advanceTimersByTime(1_000);
    expect([visit().passed, visit().passed]).toEqual([true, false]);
    slow.end();
    expect(visit().passed).toBe(false);
    other.end();
    expect(visit().passed).toBe(true);
  });

  it('refuses when what is in hand would take too long, but never when few are', () => {
    const { visit } = gateOf(10_000, 1);
    const visits = Array.from({ length: 600 }, () => visit().passed);
    expect(visits.indexOf(false)).toBe(351);
    const blocking = gateOf(10_000, 1, LONGEST_TURN_MS.blocking);
    expect(Array.from({ length: 600 }, () => blocking.visit().passed).indexOf(false)).toBe(501);
    const slow = gateOf(10_000, 1000);
    expect(Array.from({ length: 300 }, () => slow.visit().passed).indexOf(false)).toBe(100);
  });
});
