import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { MessageRow } from '../message.js';
import { applyChange, changesOf } from './apply-change.js';
import type { MessageChange } from './message-change.js';

const START = Date.parse('2026-11-24T10:00:00.000Z');
const at = (second: number) => new Date(START + second * 1000);
const MESSAGE: MessageRow = {
  accountId: '1', id: 'a', conversationId: '1:2', position: 1, direction: 'inbound', kind: 'text', text: 'first',
  attachments: [{ type: 'image', url: 'https://example.com/a.png' }], externalId: 'mid', externalKey: 'key', ruleId: null,
  status: 'received', error: null, reactions: [], details: { payload: 'P' }, readAt: null, editedAt: null, deletedAt: null,
  sentAt: at(0), createdAt: at(1),
};
const all = (changes: readonly MessageChange[], row = MESSAGE) => changes.reduce(applyChange, row);
const edit = (number: number, text: string | null, second: number): MessageChange => ({ kind: 'edit', number, text, at: at(second) });
const react = (second: number, emoji: string | null, by: string | null = '2'): MessageChange =>
  ({ kind: 'reaction', by, taken: emoji === null, reaction: null, emoji, at: at(second) });

describe('applyChange', () => {
  it('shows the highest edit and keeps the earlier texts, whatever came first', () => {
    const expected = {
      text: 'third', editedAt: at(9),
      details: {
        payload: 'P', edit: { number: 2, at: at(9).toISOString() },
        earlierTexts: [
          { text: 'first', editNumber: 0, at: at(0).toISOString() }, { text: 'second', editNumber: 1, at: at(5).toISOString() },
        ],
      },
    };
    const edits = [edit(1, 'second', 5), edit(2, 'third', 9)];
    expect(all(edits)).toMatchObject(expected);
    expect(all([...edits, ...edits].reverse())).toEqual(all(edits));
  });

  it('an edit without its text marks the message and leaves the text', () => {
    expect(all([edit(1, null, 5)])).toMatchObject({ text: 'first', editedAt: at(5), details: { payload: 'P' } });
  });

  it('empties an unsent message for good', () => {
    const gone = { text: null, attachments: [], details: null, deletedAt: at(7) };
    expect(all([edit(1, 'second', 5), { kind: 'unsend', at: at(7) }])).toMatchObject(gone);
    expect(all([{ kind: 'unsend', at: at(8) }, edit(1, 'second', 5), { kind: 'unsend', at: at(7) }])).toMatchObject(gone);
  });

  it('shows each person’s latest reaction, and none that was taken back', () => {
    expect(all([react(1, '❤'), react(2, '😂'), react(1, '👍', '3')]).reactions).toEqual([
      { reaction: null, emoji: '👍', at: at(1).toISOString() }, { reaction: null, emoji: '😂', at: at(2).toISOString() },
    ]);
    expect(all([react(2, null), react(1, '❤')]).reactions).toEqual([]);
    expect(all([react(1, '❤'), react(1, null)]).reactions).toEqual([]);
    expect(all([react(1, null), react(2, '❤')]).reactions).toHaveLength(1);
  });

  it('is read when it was first read', () => {
    expect(all([{ kind: 'read', at: at(5) }, { kind: 'read', at: at(3) }, { kind: 'read', at: at(9) }]).readAt).toEqual(at(3));
  });

  const change: fc.Arbitrary<MessageChange> = fc.tuple(
    fc.nat(4),
    fc.oneof(
      fc.constant({ kind: 'unsend' as const }),
      fc.constant({ kind: 'read' as const }),
      fc.record({ kind: fc.constant('edit' as const), number: fc.integer({ min: 1, max: 3 }), text: fc.constantFrom(null, 'a', 'b', 'first') }),
      fc.record({
        kind: fc.constant('reaction' as const), by: fc.constantFrom(null, '1', '2'), taken: fc.boolean(), reaction: fc.constantFrom(null, 'love'),
        emoji: fc.constantFrom(null, '❤', '👍'),
      }),
    ),
  ).map(([second, content]) => ({ ...content, at: at(second) }));

  it('ends the same in any order, with any of them repeated', () => {
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 8 }).chain((changes) =>
          fc.tuple(fc.constant(changes), fc.shuffledSubarray([...changes, ...changes], { minLength: changes.length * 2 }))),
        ([changes, shuffled]) => {
          expect(JSON.stringify(all(shuffled))).toBe(JSON.stringify(all(changes)));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('can be taken over by another record of the same message', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), fc.array(change, { maxLength: 6 }), (one, other) => {
        const taken = all(changesOf(all(other)), all(one));
        const expected = all([...one, ...other]);
        const shown = (row: MessageRow) => [row.reactions, row.readAt, row.deletedAt, row.editedAt, row.text];
        expect(shown(taken)).toEqual(shown(expected));
      }),
      { numRuns: 1000 },
    );
  });
});
