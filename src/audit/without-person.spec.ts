import { describe, expect, it } from '@jest/globals';
import { withoutPerson } from './without-person.js';

const PERSON = { target: '1:22', id: '22' };

describe('withoutPerson', () => {
  it('takes the person out of what was done to their conversation, and nothing else', () => {
    expect(withoutPerson({ target: '1:22', changes: { paused: true } }, PERSON)).toEqual({ target: '1:erased', changes: { paused: true } });
  });

  it('takes out every id of what was sent to them', () => {
    const sent = { target: 'message:m', changes: { recipientId: '22', kind: 'text', tag: null, commentId: '99' } };
    expect(withoutPerson(sent, PERSON)).toEqual({
      target: 'message:m', changes: { recipientId: 'erased', kind: 'text', tag: null, commentId: 'erased' },
    });
  });

  it.each([
    ['another person, whose id holds theirs', { target: 'message:m', changes: { recipientId: '221' } }],
    ['another conversation', { target: '1:221', changes: { paused: true } }],
    ['a number that looks like them', { target: 'rule:22', changes: { priority: 22 } }],
  ])('leaves %s', (_, entry) => {
    expect(withoutPerson(entry, PERSON)).toBeNull();
  });
});
