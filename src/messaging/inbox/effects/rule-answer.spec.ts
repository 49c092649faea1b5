import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CUSTOMER, InboxBed, START, text } from '../../../../test/support/inbox-bed.js';

const media = { type: 'image', url: 'https://example.com/a.png' };
const quickReplies = [{ contentType: 'text', title: 'Hours', payload: 'HOURS' }];
const buttons = [{ type: 'postback', title: 'Ask', payload: 'ASK' }];
const at = (ms: number) => new Date(START + ms).toISOString().replace('T', ' ').replace('Z', '');

describe('what a rule answers with', () => {
  let bed: InboxBed;
  beforeEach(async () => {
    bed = await InboxBed.open();
  });
  afterEach(async () => {
    await bed.db.close();
  });

  const answered = async (rule: object, sentAt = START) => {
    await bed.addRule({ response_template: 'Hi', ...rule });
    await bed.deliver([text('m1', 'hello', { timestamp: sentAt })]);
    await bed.process();
    const sends = await bed.query<{ message_id: string; request: string; send_before: string; next_attempt_at: string }>(
      'SELECT message_id, request, send_before, next_attempt_at FROM outbox_messages ORDER BY id',
    );
    return sends.map(({ request, ...send }) => ({ ...send, ...(JSON.parse(request) as { recipient: object; message?: object; sender_action?: string }) }));
  };
  const decision = async () => (await bed.decisions()).at(-1)!;

  it('goes out in order: typing, then, after a while, media and the text with its quick replies', async () => {
    const sends = await answered({ quick_replies: JSON.stringify(quickReplies), media: JSON.stringify(media), typing_seconds: 4 });
    expect(sends).toMatchObject([
      { recipient: { id: CUSTOMER }, sender_action: 'typing_on', next_attempt_at: at(0), send_before: at(9_000) },
      { message: { attachment: { type: 'image', payload: { url: media.url } } }, next_attempt_at: at(4_000), send_before: at(3_600_000) },
      { message: { text: 'Hi', quick_replies: [{ content_type: 'text', title: 'Hours', payload: 'HOURS' }] }, next_attempt_at: at(4_000) },
    ]);
    // Typing has no place in the conversation; the answer is one turn.
    expect((await bed.messages()).map(({ kind, position }) => [kind, position])).toEqual([['typing_on', 0], ['text', 1], ['image', 2], ['text', 3]]);
    expect(await bed.conversation()).toMatchObject({ messageCount: 3, automaticTurns: 1 });
    expect((await decision()).queued).toEqual(sends.slice(1).map(({ message_id }) => message_id));
  });

  it('waits for nothing when that would make it too late', async () => {
    const sends = await answered({ typing_seconds: 20 }, START - 59 * 60_000 - 50_000);
    expect(sends).toMatchObject([{ sender_action: 'typing_on', send_before: at(10_000) }, { message: { text: 'Hi' }, next_attempt_at: at(0), send_before: at(10_000) }]);
  });

  it('keeps buttons for the last part, and shows them with it', async () => {
    const sends = await answered({ response_template: `${'x'.repeat(600)} ${'y'.repeat(300)}`, buttons: JSON.stringify(buttons) });
    expect(sends).toMatchObject([
      { message: { text: 'x'.repeat(600) } },
      { message: { attachment: { payload: { template_type: 'button', text: 'y'.repeat(300), buttons: [{ type: 'postback', title: 'Ask', payload: 'ASK' }] } } } },
    ]);
    const rows = await bed.query<{ kind: string; details: string | null }>("SELECT kind, details FROM messages WHERE direction = 'outbound' ORDER BY position");
    expect(rows.map(({ kind, details }) => [kind, JSON.parse(details ?? 'null')])).toEqual([['text', null], ['button_template', { buttons }]]);
  });

  it('can be media alone', async () => {
    expect(await answered({ response_template: '', media: JSON.stringify(media) })).toMatchObject([{ message: { attachment: { type: 'image' } } }]);
    expect(await decision()).toMatchObject({ stopped: null, queued: [expect.any(String)] });
  });

  it('is one message for a comment, or the decision says why it cannot be', async () => {
    const comment = async (id: string) => {
      await bed.deliverEntry({ changes: [{ field: 'comments', value: { id, text: 'price', from: { id: CUSTOMER, username: 'jane' } } }] });
      await bed.process();
    };
    const rule = { trigger_type: 'comment', quick_replies: JSON.stringify(quickReplies), typing_seconds: 3 };
    await bed.addRule(rule);
    await comment('c1');
    const [send, ...more] = await bed.sends();
    expect(send!.request).toEqual({ recipient: { comment_id: 'c1' }, message: { text: 'Hello!', quick_replies: expect.any(Array) } });
    expect(more).toEqual([]);
    await bed.addRule({ ...rule, priority: 1, media: JSON.stringify(media) });
    await comment('c2');
    expect(await bed.sends()).toHaveLength(1);
    expect(await decision()).toMatchObject({ status: 'processed', stopped: expect.stringContaining('answers with media'), queued: [] });
  });
});
