import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LocalMetaBed, ONE } from '../../test/support/local-meta-bed.js';
import { deliveryOf, entryOf, textEvent } from './index.js';

describe('LocalMeta of content', () => {
  let bed: LocalMetaBed;

  beforeEach(async () => {
    bed = await LocalMetaBed.open();
  });
  afterEach(async () => {
    await bed.close();
  });

  const ask = (body: object) => bed.graph(`/${ONE.id}/messages`, ONE.accessToken, { recipient: { id: bed.person }, ...body });
  const template = (payload: object) => ({ message: { attachment: { type: 'template', payload } } });
  const button = { type: 'postback', title: 'Go', payload: 'GO' };
  const element = { title: 't', subtitle: 's', buttons: [button] };
  const url = 'https://example.com/a.png';

  it.each([
    [{ message: { text: 'x', quick_replies: [{ content_type: 'text', title: 'a', payload: 'A' }, { content_type: 'user_email' }] } }, { text: 'x' }],
    [template({ template_type: 'button', text: 'x', buttons: [button] }), { attachments: [{ type: 'template', payload: {} }] }],
    [template({ template_type: 'generic', elements: [element] }), { attachments: [{ type: 'template', payload: {} }] }],
    [{ message: { attachment: { type: 'image', payload: { url } } } }, { attachments: [{ type: 'image', payload: { url } }] }],
    [{ message: { attachment: { type: 'like_heart' } } }, { attachments: [{ type: 'like_heart' }] }],
    [{ message: { text: 'x' }, tag: 'HUMAN_AGENT', messaging_type: 'MESSAGE_TAG' }, { text: 'x' }],
  ])('takes %j, and echoes it', async (body, content) => {
    expect((await ask(body)).body).toMatchObject({ recipient_id: bed.person, message_id: expect.any(String) });
    await bed.meta.settled();
    expect(JSON.parse(bed.heard.at(-1)!.bytes.toString()).entry[0].messaging[0].message).toEqual({ mid: expect.any(String), is_echo: true, ...content });
  });

  it.each([
    [{ message: {} }], [{ message: { text: 'x', quick_replies: [] } }],
    [{ message: { text: 'x', quick_replies: Array(14).fill({ content_type: 'user_email' }) } }],
    [{ message: { quick_replies: [{ content_type: 'user_email' }], attachment: { type: 'like_heart' } } }],
    [{ message: { attachment: { type: 'sticker' } } }], [{ message: { attachment: { type: 'image', payload: {} } } }],
    [template({ template_type: 'button', text: 'x'.repeat(641), buttons: [button] })], [template({ template_type: 'button', text: 'x', buttons: [] })],
    [template({ template_type: 'button', text: 'x', buttons: Array(4).fill(button) })], [template({ template_type: 'list' })],
    [template({ template_type: 'button', text: 'x', buttons: [{ type: 'web_url', title: 'a' }] })],
    [template({ template_type: 'generic', elements: [{ title: 't' }] })], [template({ template_type: 'generic', elements: Array(11).fill(element) })],
    [template({ template_type: 'generic', elements: [{ ...element, title: 'x'.repeat(81) }] })],
    [{ message: { text: 'x' }, reply_to: { mid: 'unknown' } }], [{ message: { text: 'x' }, tag: 'ACCOUNT_UPDATE' }],
    [{ sender_action: 'dance' }], [{ sender_action: 'typing_on', message: { text: 'x' } }],
    [{ sender_action: 'react', payload: { message_id: 'unknown', reaction: 'love' } }],
  ])('refuses %j', async (body) => {
    expect((await ask(body)).body.error).toMatchObject({ code: 100 });
    expect(bed.meta.accepted).toEqual([]);
  });

  it('takes actions, which become no message and have no echo', async () => {
    const item = textEvent({ accountId: ONE.id, person: bed.person }, 'hi');
    await bed.meta.deliver(ONE.id, deliveryOf(entryOf(ONE.id, [item])));
    const { mid } = (item as { message: { mid: string } }).message;
    const deliveries = bed.heard.length;
    for (const body of [{ sender_action: 'typing_on' }, { sender_action: 'react', payload: { message_id: mid, reaction: 'love' } }]) {
      expect((await ask(body)).body).toEqual({ recipient_id: bed.person });
    }
    expect((await ask({ sender_action: 'react', payload: { message_id: mid } })).body.error).toMatchObject({ code: 100 });
    await bed.meta.settled();
    expect(bed.heard).toHaveLength(deliveries);
    expect(bed.meta.actions.map(({ action }) => action)).toEqual(['typing_on', 'react']);
    expect(bed.meta.accepted).toEqual([]);
    await ask({ message: { text: 'yes' }, reply_to: { mid } });
    await bed.meta.settled();
    expect(JSON.parse(bed.heard.at(-1)!.bytes.toString()).entry[0].messaging[0].message).toMatchObject({ text: 'yes', reply_to: { mid } });
  });
});
