import { describe, expect, it } from '@jest/globals';
import { newConversation } from '../../conversations/index.js';
import { mayWrite } from './manual-send.policy.js';

const NOW = new Date('2026-11-24T12:00:00.000Z');
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000);
const conversation = (wrote: number | null, closes: number | null) => ({
  ...newConversation('1', '2', NOW),
  lastInboundAt: wrote === null ? null : daysAgo(wrote), windowClosesAt: closes === null ? null : daysAgo(closes),
});

describe('whether the account may write', () => {
  it.each([
    ['the window is open', 0.5, -0.5, NOW.getTime() + 43_200_000, NOW.getTime() + 6.5 * 86_400_000],
    ['it has closed', 2, 1, null, NOW.getTime() + 5 * 86_400_000],
    ['it closed a week ago', 8, 7, null, null],
    ['a reaction has opened it again', 8, -0.5, NOW.getTime() + 43_200_000, NOW.getTime() + 43_200_000],
    ['a reaction was all there ever was', null, -0.5, NOW.getTime() + 43_200_000, NOW.getTime() + 43_200_000],
    ['the customer has never been heard of', null, null, null, null],
  ])('%s', (_, wrote, closes, untagged, tagged) => {
    const until = (humanAgent: boolean) => {
      const may = mayWrite(conversation(wrote, closes), humanAgent, NOW);
      return 'until' in may ? may.until.getTime() : null;
    };
    expect([until(false), until(true)]).toEqual([untagged, tagged]);
  });
});
