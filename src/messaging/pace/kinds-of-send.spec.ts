import { describe, expect, it } from '@jest/globals';
import { kindsOfSend } from './kinds-of-send.js';

const to = { recipient: { id: '1' } };

describe('kindsOfSend', () => {
  it.each([
    ['a text', { ...to, message: { text: 'hello' } }, ['sends']],
    ['an image', { ...to, message: { attachment: { type: 'image', payload: {} } } }, ['sends']],
    ['audio', { ...to, message: { attachment: { type: 'audio', payload: {} } } }, ['media', 'sends']],
    ['a video among several', { ...to, message: { attachments: [{ type: 'image' }, { type: 'video' }] } }, ['media', 'sends']],
    ['a sender action', { ...to, sender_action: 'typing_on' }, ['sends']],
    ['a private reply', { recipient: { comment_id: '9' }, message: { text: 'hello' } }, ['private_replies', 'sends']],
    ['nonsense', { message: 'x', recipient: null }, ['sends']],
  ])('%s', (_, body, kinds) => {
    expect(kindsOfSend(body)).toEqual(kinds);
  });
});
