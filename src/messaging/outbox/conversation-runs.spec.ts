import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ConversationRuns, type ConversationRun } from './conversation-runs.js';
import type { ClaimedMessage } from './outbox-message.js';

const message = (id: number, conversationId = 'a') => ({ id, conversationId }) as ClaimedMessage;

describe('the runs of conversations', () => {
  it('let the first go, and each other when the one before it is settled', () => {
    const runs = new ConversationRuns();
    expect(runs.add(message(1), null)).toBe('go');
    expect(runs.add(message(2), runs.endingWith('a', 1))).toBe('wait');
    expect(runs.add(message(3), runs.endingWith('a', 2))).toBe('wait');
    expect([runs.waiting, runs.isFollowed(message(1))]).toEqual([2, true]);
    expect(runs.recorded(message(1), true)).toEqual({ go: message(2), giveBack: [] });
    expect(runs.recorded(message(2), true)).toEqual({ go: message(3), giveBack: [] });
    expect([runs.waiting, runs.isFollowed(message(3))]).toEqual([0, false]);
    expect(runs.recorded(message(3), true)).toEqual({ go: null, giveBack: [] });
    expect(runs.add(message(4), null)).toBe('go');
  });

  it('are joined only where they hold what stands last', () => {
    const runs = new ConversationRuns();
    runs.add(message(1), null);
    expect(runs.endingWith('a', 2)).toBeNull();
    expect(runs.endingWith('b', 1)).toBeNull();
    expect(runs.endingWith('a', 1)).not.toBeNull();
  });

  it('give back what waits when one is not settled, and what comes late for them; the next begins anew', () => {
    const runs = new ConversationRuns();
    runs.add(message(1), null);
    const run = runs.endingWith('a', 1);
    runs.add(message(2), run);
    const late = runs.endingWith('a', 2);
    expect(runs.recorded(message(1), false)).toEqual({ go: null, giveBack: [message(2)] });
    expect(runs.endingWith('a', 2)).toBeNull();
    expect(runs.add(message(3), late)).toBe('give back');
    expect(runs.add(message(1), null)).toBe('go');
    expect(runs.add(message(4), late)).toBe('give back');
  });

  it('let one go at once that was to stand behind others which are settled by now', () => {
    const runs = new ConversationRuns();
    runs.add(message(1), null);
    const run = runs.endingWith('a', 1);
    runs.recorded(message(1), true);
    expect(runs.add(message(2), run)).toBe('go');
  });

  it('never have two of a conversation under way, nor let one go before an older one that is not settled', () => {
    const step = fc.record({ conversation: fc.constantFrom('a', 'b'), kind: fc.constantFrom('decide', 'settle', 'break') });
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const runs = new ConversationRuns();
      /** As the database has it: unsettled ids of each conversation in order, and which of them are claimed here. */
      const unsettled = new Map<string, number[]>([['a', []], ['b', []]]);
      const claimed = new Set<number>();
      const underWay = new Map<string, number>();
      const go = (conversation: string, id: number) => {
        expect(underWay.has(conversation)).toBe(false);
        expect(unsettled.get(conversation)?.[0]).toBe(id);
        underWay.set(conversation, id);
      };
      let nextId = 1;
      for (const { conversation, kind } of steps) {
        const rows = unsettled.get(conversation) ?? [];
        if (kind === 'decide') {
          const last = rows.at(-1);
          const behind: ConversationRun | null = last === undefined ? null : runs.endingWith(conversation, last);
          const id = nextId++;
          rows.push(id);
          if (last !== undefined && !behind) continue; // queued
          claimed.add(id);
          if (runs.add(message(id, conversation), behind) === 'go') go(conversation, id);
          continue;
        }
        const current = underWay.get(conversation);
        if (current === undefined) continue;
        underWay.delete(conversation);
        claimed.delete(current);
        if (kind === 'settle') rows.shift();
        const follow = runs.recorded(message(current, conversation), kind === 'settle');
        for (const { id } of follow.giveBack) claimed.delete(id);
        if (follow.go) go(conversation, follow.go.id);
        else expect(rows.some((id) => claimed.has(id))).toBe(false);
      }
    }));
  });
});
