import { describe, expect, it } from '@jest/globals';
import { automationAt, newConversation, type ConversationRow } from './conversation.js';

const NOW = new Date('2026-11-24T10:00:00.000Z');
const inMinutes = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);
const stateOf = (over: Partial<ConversationRow>) => automationAt({ ...newConversation('1', '2', NOW), ...over }, NOW);
const paused = (until: Date | null) => ({ automationPaused: true, automationPausedUntil: until, automationReason: 'operator' });

describe('automationAt', () => {
  it.each([
    ['runs', {}, null],
    ['an operator’s pause', paused(null), [null, 'operator']],
    ['one with an end', paused(inMinutes(5)), [inMinutes(5), 'operator']],
    ['one that is over', paused(inMinutes(0)), null],
    ['a takeover', { takeoverUntil: inMinutes(5) }, [inMinutes(5), 'takeover']],
    ['one that is over', { takeoverUntil: inMinutes(0) }, null],
    ['a takeover beyond an operator’s pause', { ...paused(inMinutes(5)), takeoverUntil: inMinutes(9) }, [inMinutes(9), 'operator']],
    ['a takeover within one', { ...paused(inMinutes(5)), takeoverUntil: inMinutes(3) }, [inMinutes(5), 'operator']],
    ['a takeover within one without end', { ...paused(null), takeoverUntil: inMinutes(3) }, [null, 'operator']],
    ['a takeover after one that is over', { ...paused(inMinutes(-5)), takeoverUntil: inMinutes(3) }, [inMinutes(3), 'takeover']],
    ['an opt-out, whatever else', { ...paused(inMinutes(5)), takeoverUntil: inMinutes(3), optedOut: true }, [null, 'opted_out']],
  ])('%s', (_, row, expected) => {
    expect(stateOf(row)).toEqual({ paused: expected !== null, pausedUntil: expected?.[0] ?? null, reason: expected?.[1] ?? null });
  });
});
