import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { graphRequest } from './content/graph-request.js';
import { messageFields } from './content/message-fields.js';
import type { OutgoingContent } from './content/outgoing-content.js';
import { SEND_EXAMPLES } from './dto/send-message.examples.js';
import { SendMessageRequest } from './dto/send-message.request.dto.js';
import { readManualMessage } from './manual-message.js';
import { requestHash } from './request-hash.js';

const recipientId = '1234567890';
const PNG = 'https://example.com/a.png';
const texts = (errors: readonly ValidationError[], path = ''): string[] =>
  errors.flatMap((error) => [
    ...Object.values(error.constraints ?? {}).map((text) => `${path}${text}`),
    ...texts(error.children ?? [], `${path}${error.property}.`),
  ]);

/** What a call of the API with this body is told; nothing: it is taken. */
function problemsOf(body: object): string[] {
  const request = plainToInstance(SendMessageRequest, { recipientId, ...body });
  const bad = texts(validateSync(request, { whitelist: true, forbidNonWhitelisted: true }));
  if (bad.length > 0) return bad;
  try {
    readManualMessage(request);
    return [];
  } catch (error) {
    return [...(error as { details: string[] }).details];
  }
}

const reply = (title: string, payload = 'P') => ({ title, payload });
const button = (more: object = {}) => ({ type: 'postback', title: 'Go', payload: 'GO', ...more });
const many = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('a manual send', () => {
  it.each(Object.entries(SEND_EXAMPLES))('takes the example of %s', (_, { value }) => {
    expect(problemsOf(value)).toEqual([]);
  });

  it.each([
    [{ text: 'é'.repeat(500) }],
    [{ text: 'x', quickReplies: many(13, reply('x'.repeat(20), 'p'.repeat(1000))) }],
    [{ text: 'x', quickReplies: [{ contentType: 'user_phone_number' }] }],
    [{ text: 'x'.repeat(640), buttons: many(3, button()) }],
    [{ elements: many(10, { title: 't'.repeat(80), subtitle: 's'.repeat(80), buttons: many(3, button()) }) }],
    [{ reaction: { messageId: 'm', action: 'unreact' } }],
    [{ text: 'x', attachment: null, tag: null, quickReplies: null }],
    [{ recipientId: undefined, commentId: '9', text: 'x', buttons: [button()] }],
    [{ attachment: { type: 'file', url: 'https://example.com/a.pdf' }, replyTo: 'm', tag: 'HUMAN_AGENT' }],
  ])('takes %j', (body) => {
    expect(problemsOf(body)).toEqual([]);
  });

  it.each([
    [{}, /give one of text, attachment, elements, sticker, reaction, action/],
    [{ text: 'x', attachment: { type: 'image', url: PNG } }, /text and attachment cannot go in one message/],
    [{ sticker: 'like_heart', action: 'typing_on' }, /sticker and action cannot go in one message/],
    [{ recipientId: undefined, text: 'x' }, /recipientId must be an Instagram-scoped id of at most 50 characters/],
    [{ recipientId: '../me', text: 'x' }, /recipientId must be an Instagram-scoped id/],
    [{ text: ' ' }, /text must not be empty/],
    [{ text: 'é'.repeat(501) }, /text must not be longer than 1000 bytes in UTF-8, and has 1002/],
    [{ text: 'x'.repeat(641), buttons: [button()] }, /text must not be longer than 640 characters with buttons/],
    [{ quickReplies: [reply('a')], sticker: 'like_heart' }, /quickReplies need a text/],
    [{ buttons: [button()], attachment: { type: 'image', url: PNG } }, /buttons need a text/],
    [{ text: 'x', quickReplies: [reply('a')], buttons: [button()] }, /quickReplies and buttons cannot go in one message/],
    [{ text: 'x', quickReplies: many(14, reply('a')) }, /quickReplies must have 1 to 13 entries/],
    [{ text: 'x', quickReplies: [] }, /quickReplies must have 1 to 13 entries/],
    [{ text: 'x', quickReplies: [[]] }, /each value in quickReplies must be an object/],
    [{ text: 'x', quickReplies: [reply('x'.repeat(21))] }, /quickReplies\.0\.title must have 1 to 20 characters/],
    [{ text: 'x', quickReplies: [{ title: 'a' }] }, /quickReplies\.0\.payload must have 1 to 1000 characters/],
    [{ text: 'x', quickReplies: [{ contentType: 'user_email', title: 'a' }] }, /title belongs to quick replies of contentType text/],
    [{ text: 'x', quickReplies: [{ contentType: 'location' }] }, /contentType must be one of/],
    [{ text: 'x', buttons: many(4, button()) }, /buttons must have 1 to 3 entries/],
    [{ text: 'x', buttons: [button({ title: '' })] }, /buttons\.0\.title must have 1 to 20 characters/],
    [{ text: 'x', buttons: [{ type: 'postback', title: 'a' }] }, /buttons\.0\.payload must have 1 to 1000/],
    [{ text: 'x', buttons: [{ type: 'web_url', title: 'a', url: 'javascript:1' }] }, /buttons\.0\.url must be a URL/],
    [{ text: 'x', buttons: [{ type: 'web_url', title: 'a', url: 'https:example.com/a' }] }, /buttons\.0\.url must begin with https:\/\/ or http:\/\//],
    [{ attachment: { type: 'image', url: 'https:example.com/a.png' } }, /attachment\.url must begin with https:\/\//],
    [{ elements: [{ title: 'a', imageUrl: 'http:example.com/a.png' }] }, /elements\.0\.imageUrl must begin with https:\/\//],
    [{ text: 'x', buttons: [button({ url: PNG })] }, /url belongs to buttons of type web_url/],
    [{ text: 'x', buttons: [{ type: 'web_url', title: 'a', url: PNG, payload: 'P' }] }, /payload belongs to buttons of type postback/],
    [{ elements: many(11, { title: 'a', subtitle: 'b' }) }, /elements must have 1 to 10 entries/],
    [{ elements: [{ title: 'a' }] }, /elements\.0 needs a subtitle, imageUrl, url or buttons beside its title/],
    [{ elements: [{ subtitle: 'a' }] }, /elements\.0\.title must have 1 to 80/],
    [{ elements: [{ title: 'a', subtitle: 'x'.repeat(81) }] }, /elements\.0\.subtitle must have 1 to 80/],
    [{ elements: [{ title: 'a', buttons: many(4, button()) }] }, /elements\.0\.buttons must have 1 to 3/],
    [{ elements: [{ title: 'a', buttons: [button({ title: 'x'.repeat(21) })] }] }, /elements\.0\.buttons\.0\.title must have 1 to 20/],
    [{ sticker: 'thumb' }, /sticker must be one of/],
    [{ reaction: { messageId: 'm' } }, /reaction\.reaction must be love, or an emoji/],
    [{ reaction: { messageId: 'mé', reaction: 'love' } }, /messageId must be the id or the externalId/],
    [{ reaction: { messageId: 'm', action: 'unreact', reaction: 'love' } }, /reaction is given up whole by unreact/],
    [{ reaction: [] }, /reaction must be an object/],
    [{ action: 'sleep' }, /action must be one of/],
    [{ action: 'typing_on', replyTo: 'm', tag: 'HUMAN_AGENT' }, /replyTo cannot go with an action.*tag cannot go with an action/s],
    [{ action: 'mark_seen', commentId: '9' }, /commentId cannot go with an action/],
    [{ reaction: { messageId: 'm', reaction: 'love' }, replyTo: 'm' }, /replyTo cannot go with a reaction/],
    [{ commentId: '9', text: 'x', replyTo: 'm', tag: 'HUMAN_AGENT' }, /replyTo cannot go with commentId.*tag cannot go with commentId/s],
    [{ text: 'x', tag: 'ACCOUNT_UPDATE' }, /tag must be one of/],
    [{ text: 'x', colour: 'red' }, /colour/],
  ])('refuses %j', (body, words) => {
    expect(problemsOf(body).join('\n')).toMatch(words);
  });

  it('is written as Graph wants it', () => {
    const to = { recipient: { id: '7' } };
    const heart = { is: 'like_heart' } as const;
    const target = { messageId: 'ours', mid: 'mid' };
    const buttons = [{ type: 'web_url', title: 'a', url: PNG }, { type: 'postback', title: 'b', payload: 'B' }] as const;
    const all: [OutgoingContent, object][] = [
      [{ is: 'text', text: 'x', quickReplies: [] }, { message: { text: 'x' } }],
      [
        { is: 'text', text: 'x', quickReplies: [{ contentType: 'text', title: 'a', payload: 'A' }, { contentType: 'user_email' }] },
        { message: { text: 'x', quick_replies: [{ content_type: 'text', title: 'a', payload: 'A' }, { content_type: 'user_email' }] } },
      ],
      [
        { is: 'button_template', text: 'x', buttons },
        { message: { attachment: { type: 'template', payload: { template_type: 'button', text: 'x', buttons } } } },
      ],
      [
        { is: 'generic_template', elements: [{ title: 't', subtitle: 's', imageUrl: PNG, url: PNG, buttons }] },
        {
          message: {
            attachment: {
              type: 'template',
              payload: {
                template_type: 'generic',
                elements: [{ title: 't', subtitle: 's', image_url: PNG, default_action: { type: 'web_url', url: PNG }, buttons }],
              },
            },
          },
        },
      ],
      [{ is: 'media', media: { type: 'image', url: PNG } }, { message: { attachment: { type: 'image', payload: { url: PNG } } } }],
      [heart, { message: { attachment: { type: 'like_heart' } } }],
      [{ is: 'react', target, reaction: 'love' }, { sender_action: 'react', payload: { message_id: 'mid', reaction: 'love' } }],
      [{ is: 'unreact', target }, { sender_action: 'unreact', payload: { message_id: 'mid' } }],
      [{ is: 'typing_on' }, { sender_action: 'typing_on' }],
    ];
    for (const [content, body] of all) expect(graphRequest(content, to)).toEqual({ ...to, ...body });
    expect(graphRequest(heart, { recipient: { comment_id: '9' } })).toMatchObject({ recipient: { comment_id: '9' } });
    expect(graphRequest(heart, { ...to, replyToMid: 'mid', tag: 'HUMAN_AGENT' })).toMatchObject({
      reply_to: { mid: 'mid' },
      messaging_type: 'MESSAGE_TAG',
      tag: 'HUMAN_AGENT',
    });
  });

  it('is shown as what it is, and only messages and reactions are listed', () => {
    expect(messageFields({ is: 'media', media: { type: 'video', url: PNG } })).toMatchObject({ kind: 'video', attachments: [{ url: PNG }], listed: true });
    expect(messageFields({ is: 'unreact', target: { messageId: 'ours', mid: 'm' } })).toMatchObject({
      kind: 'reaction',
      details: { reacted: { action: 'unreact', reaction: null, messageId: 'ours' } },
      listed: true,
    });
    for (const is of ['typing_on', 'typing_off', 'mark_seen'] as const) expect(messageFields({ is })).toMatchObject({ kind: is, listed: false });
  });

  it('is the same request only if it is the same in everything', () => {
    const bodies = [...Object.values(SEND_EXAMPLES).map(({ value }) => value), { text: 'x' }, { text: 'x', replyTo: 'm' }, { text: 'x', commentId: '9' }];
    const hashes = bodies.map((body) => requestHash(readManualMessage({ recipientId, ...body })));
    expect(new Set(hashes).size).toBe(bodies.length);
    expect(requestHash(readManualMessage({ recipientId, text: 'x', tag: null }))).toBe(hashes.at(-3));
  });
});
