import { describe, expect, it } from '@jest/globals';
import { factsFromEvent } from './facts-from-event.js';

const who = { username: null, name: null, account: { username: 'shop' } };

describe('factsFromEvent', () => {
  it('reads a message, a postback and a whole delivery', () => {
    const item = { sender: { id: '1' }, message: { mid: 'm', text: 'hi', quick_reply: { payload: 'P' } } };
    const facts = { ...who, kind: 'message', text: 'hi', payload: 'P' };
    expect(factsFromEvent(item, who)).toEqual(facts);
    expect(factsFromEvent({ object: 'instagram', entry: [{ messaging: [item] }] }, who)).toEqual(facts);
    expect(factsFromEvent({ postback: { title: 'Start', payload: 'GO' } }, who)).toEqual({
      ...who,
      kind: 'postback',
      text: 'Start',
      payload: 'GO',
    });
  });

  it.each([
    [null],
    [5],
    ['text'],
    [[]],
    [{}],
    [{ entry: [] }],
    [{ entry: [{ messaging: [] }] }],
    [{ reaction: {} }],
    [{ message: { mid: 'm', text: 'hi', is_echo: true } }],
    [{ message: 'hi' }],
  ])('finds none in %j', (event) => {
    expect(factsFromEvent(event, who)).toBeNull();
  });
});
