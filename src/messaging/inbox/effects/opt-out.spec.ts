import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { at, AutomationTalk, echo, MINUTE } from '../../../../test/support/automation-talk.js';
import { InboxBed, item, START, text } from '../../../../test/support/inbox-bed.js';

describe('automation ends and resumes by the customer’s word', () => {
  let bed: InboxBed;
  let talk: AutomationTalk;
  beforeEach(async () => {
    bed = await InboxBed.open();
    await bed.addRule();
    talk = new AutomationTalk(bed);
  });
  afterEach(async () => {
    await bed.db.close();
  });

  const deliver = (...items: unknown[]) => talk.deliver(...items);
  const passTo = (minutes: number) => {
    talk.passTo(minutes);
  };
  const last = () => talk.lastDecision();
  const answersAfter = (words: string, minutes: number, content: object = {}) => talk.answersAfter(words, minutes, content);

  beforeEach(async () => {
    await bed.set({ opt_out_words: '["STOP","Stopp ✋"]', opt_in_words: '["Start"]' });
  });
  const said = async () => (await bed.sends()).map(({ request }) => request.message.text);

  it('confirms each change once, and asks no rule', async () => {
    await answersAfter(' stop ', 0);
    expect(await said()).toEqual(['You will get no more automatic answers. Send "Start" to get them again.']);
    expect(await last()).toMatchObject({ rules: [], queued: [expect.any(String)], stopped: expect.stringMatching(/wants no automatic answers/) });
    expect(await bed.conversation()).toMatchObject({ optedOut: true, consentChangedAt: new Date(START) });
    expect(await answersAfter('stopp ✋️', 1)).toBe(1);
    expect(await answersAfter('hello?', 2)).toBe(1);
    expect((await last()).stopped).toBe('the customer has opted out of automatic answers');
    expect(await answersAfter('START', 3)).toBe(2);
    expect(await answersAfter('hello?', 4)).toBe(3);
    expect((await said()).slice(1)).toEqual(['You will get automatic answers again.', 'Hello!']);
    await bed.replayAll();
    expect(await said()).toHaveLength(3);
  });

  it('the rules are asked about a word that resumes nothing', async () => {
    await answersAfter('Start', 0);
    expect(await said()).toEqual(['Hello!']);
    await answersAfter('stop', 1);
    // Said before the opt-out, and delivered after it.
    await deliver(item({ message: { mid: 'late', text: 'start' } }, at(0.5)));
    expect(await said()).toHaveLength(2);
    expect((await last()).stopped).toBe('the customer has opted out of automatic answers');
    await answersAfter('start', 2);
    await answersAfter('start', 3);
    expect((await said()).slice(2)).toEqual(['You will get automatic answers again.', 'Hello!']);
  });

  it.each(['Stop.', 'STOP!!!', '"Stop"', '“stop”', '¡Stop!', 'stop…', 'Stopp ✋!'])('also where it is punctuated: %s', async (words) => {
    await answersAfter(words, 0);
    expect(await bed.conversation()).toMatchObject({ optedOut: true });
    // As our own confirmation writes it.
    await answersAfter('"Start"', 1);
    expect(await bed.conversation()).toMatchObject({ optedOut: false });
  });

  it.each(['stop?', '"stop"?', 'stop it.', '...', '!', '#stop', '@stop', 'stop/start', 'stop :)', 'stop ;)', 'stop :('])('not by a question, nor by anything else: %s', async (words) => {
    await answersAfter(words, 0);
    expect(await bed.conversation()).toMatchObject({ optedOut: false });
  });

  it('also where the account’s word is punctuated itself, or nothing but punctuation', async () => {
    await bed.set({ opt_out_words: '["Stop!","..."]' });
    await answersAfter('stop', 0);
    expect(await bed.conversation()).toMatchObject({ optedOut: true });
    await answersAfter('start', 1);
    await answersAfter('...', 2);
    expect(await bed.conversation()).toMatchObject({ optedOut: true });
    await answersAfter('start', 3);
    await answersAfter('!', 4);
    expect(await bed.conversation()).toMatchObject({ optedOut: false });
  });

  it('only by the whole word, and by a message', async () => {
    await answersAfter('please stop', 0);
    await deliver(item({ postback: { mid: 'p', title: 'STOP', payload: 'x' } }, at(0)), echo('e', 'STOP', at(-60)));
    expect(await bed.conversation()).toMatchObject({ optedOut: false });
  });

  it('in the account’s own words', async () => {
    await bed.set({ opt_out_confirmation: 'Bye!', opt_in_confirmation: 'Back!' });
    await answersAfter('stop', 0);
    await answersAfter('start', 1);
    expect(await said()).toEqual(['Bye!', 'Back!']);
    await bed.set({ opt_out_confirmation: null, opt_in_words: '[]' });
    await answersAfter('stop', 2);
    expect((await said()).at(-1)).toBe('You will get no more automatic answers.');
  });

  it.each([['in order', false], ['out of order', true]])('the latest word counts, delivered %s', async (_, reversed) => {
    passTo(5);
    const words = [text('w1', 'stop', at(1)), text('w2', 'start', at(2)), text('w3', 'stop', at(3)), text('w4', 'start', at(3))];
    for (const word of reversed ? words.toReversed() : words) await deliver(word);
    // At the same moment the one that ends it.
    expect(await bed.conversation()).toMatchObject({ optedOut: true, consentChangedAt: new Date(START + 3 * MINUTE) });
  });

  it('confirms also where automation is paused otherwise, and not where nothing may be sent', async () => {
    await answersAfter('hi', 0);
    await bed.query(`UPDATE conversations SET automation_paused = 1, automation_reason = 'operator'`);
    expect(await answersAfter('stop', 1)).toBe(2);
    await answersAfter('start', 2);
    expect(await answersAfter('hi', 3)).toBe(3);
    expect((await last()).stopped).toMatch(/operator/);
    await bed.set({ status: 'inactive' });
    expect(await answersAfter('stop', 4)).toBe(3);
    expect((await last()).stopped).toMatch(/no automatic answers; this is not confirmed: the account is inactive/);
    expect(await bed.conversation()).toMatchObject({ optedOut: true });
    await bed.set({ status: 'active' });
    passTo(120);
    await deliver(text('late', 'start', at(10)));
    expect((await last()).stopped).toMatch(/not confirmed: it is older than 60 minutes/);
    expect(await bed.conversation()).toMatchObject({ optedOut: false });
  });

  it('counts confirmations as answers: two programs cannot go on with them', async () => {
    await bed.set({ max_automatic_turns: 4 });
    for (let i = 0; i < 20; i++) await answersAfter(i % 2 === 0 ? 'stop' : 'start', i);
    expect(await bed.sends()).toHaveLength(4);
    expect((await last()).stopped).toMatch(/loop guard/);
  });

  it('of a message that was unsent before it came it is honoured, and not confirmed', async () => {
    await deliver(item({ message: { mid: 'u', is_deleted: true } }, at(0)));
    await deliver(text('u', 'stop', at(0)));
    expect(await bed.sends()).toEqual([]);
    expect(await bed.conversation()).toMatchObject({ optedOut: true });
  });

  it('words that are invisible mean nothing', async () => {
    await bed.set({ opt_out_words: '["\u200b"]' });
    await deliver(text('x', '\u200b', at(0)), item({ message: { mid: 'photo', attachments: [{ type: 'image' }] } }));
    expect(await bed.conversation()).toMatchObject({ optedOut: false });
  });
});
