import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ACCOUNT, CUSTOMER, InboxBed, item, START, text } from '../../../../test/support/inbox-bed.js';

const MINUTE = 60_000;
const at = (minutes: number) => ({ timestamp: START + minutes * MINUTE });
const fromAccount = { sender: { id: ACCOUNT }, recipient: { id: CUSTOMER } };
const echo = (mid: string, words: string, over: object = {}) => item({ message: { mid, text: words, is_echo: true } }, { ...fromAccount, ...over });

describe('automation', () => {
  let bed: InboxBed;
  beforeEach(async () => {
    bed = await InboxBed.open();
    await bed.addRule();
  });
  afterEach(async () => {
    await bed.db.close();
  });

  const deliver = async (...items: unknown[]) => {
    await bed.deliver(items);
    await bed.process();
  };
  const passTo = (minutes: number) => {
    bed.clock.forward(START + minutes * MINUTE - bed.clock.now().getTime());
  };
  const last = async () => (await bed.decisions()).at(-1)!;
  let mids = 0;
  /** Somebody writes at this minute; how many answers are queued after that. */
  const answersAfter = async (words: string, minutes: number, content: object = {}) => {
    passTo(minutes);
    await deliver(item({ message: { mid: `m${String(mids++)}`, text: words, ...content } }, at(minutes)));
    return (await bed.sends()).length;
  };

  describe('rests when a person takes over', () => {
    it('until the account’s minutes after the latest message typed elsewhere are over', async () => {
      expect(await answersAfter('hi', 0)).toBe(1);
      await deliver(echo('e1', 'I am here', at(0)), echo('e2', 'one moment', at(-10)));
      expect(await bed.conversation()).toMatchObject({ takeoverUntil: new Date(START + 30 * MINUTE), automationPaused: false });
      expect(await answersAfter('hi', 29)).toBe(1);
      expect((await last()).stopped).toMatch(/paused .* until 2026-11-01T12:30:00.000Z \(takeover\)/);
      expect(await answersAfter('hi', 30)).toBe(2);
    });

    it('not with 0 minutes, nor for an echo of long ago', async () => {
      await deliver(echo('e1', 'long ago', at(-31)));
      expect(await answersAfter('hi', 0)).toBe(1);
      await bed.set({ takeover_minutes: 0 });
      await deliver(echo('e2', 'now', at(0)));
      expect(await answersAfter('hi', 0)).toBe(2);
      expect((await bed.messages()).map(({ external_id }) => external_id)).toEqual(expect.arrayContaining(['e1', 'e2']));
    });

    it('not for the echo of our own send', async () => {
      await answersAfter('hi', 0);
      await bed.query(`UPDATE outbox_messages SET status = 'sending', attempted_at = '2026-11-01 12:00:00.000'`);
      await deliver(echo('own', 'Hello!', at(0)));
      expect(await bed.conversation()).toMatchObject({ takeoverUntil: null });
    });

    it('for all that the customer wrote before it was over, however late that comes', async () => {
      passTo(40);
      // As after a time in which nothing was applied. The last was written when rules may answer again.
      const written = (mid: string, minutes: number) => item({ message: { mid, text: 'hi' } }, at(minutes));
      await deliver(written('before', 0), echo('e', 'I am here', at(5)), written('within', 20));
      expect((await bed.decisions()).map(({ stopped }) => stopped)).toEqual([
        'a person has written to the customer since', 'it was sent from elsewhere, not by this server', 'a person had taken over when the customer wrote',
      ]);
      await deliver(written('later', 30), written('after', 36));
      expect((await bed.decisions()).slice(3).map(({ stopped }) => stopped)).toEqual(['a person had taken over when the customer wrote', null]);
      expect(await bed.sends()).toHaveLength(1);
    });

    it('beside an operator’s pause, which it neither shortens nor replaces', async () => {
      await answersAfter('hi', 0);
      await bed.query(`UPDATE conversations SET automation_paused = 1, automation_reason = 'operator', automation_paused_until = '2026-11-01 12:10:00.000'`);
      await deliver(echo('e', 'I am here', at(0)));
      expect(await answersAfter('hi', 5)).toBe(1);
      expect((await last()).stopped).toMatch(/until 2026-11-01T12:30:00.000Z \(operator\)/);
      expect(await answersAfter('hi', 15)).toBe(1);
      expect((await last()).stopped).toMatch(/takeover/);
      await bed.query('UPDATE conversations SET automation_paused_until = NULL');
      expect(await answersAfter('hi', 35)).toBe(1);
      expect((await last()).stopped).toBe('automation is paused in this conversation (operator)');
    });

    it.each([
      ['alone', [], { takeoverUntil: null, messageCount: 2, automaticTurns: 1 }],
      // What a person typed at a phone still counts.
      ['beside another', [echo('phone', 'I am here', at(-5))], { takeoverUntil: new Date(START + 25 * MINUTE), messageCount: 3, automaticTurns: 0 }],
    ])('and answers again when the echo, %s, turns out to have been our own', async (_, others, expected) => {
      await answersAfter('hi', 0);
      const [send] = await bed.query<{ id: number; message_id: string; conversation_id: string }>('SELECT * FROM outbox_messages');
      await bed.query(`UPDATE messages SET status = 'sending' WHERE direction = 'outbound'`);
      // Changed on its way, so that it is not recognised by its text.
      await deliver(echo('own', 'Hello! (shortened)', at(0)), item({ read: { mid: 'own' } }, at(0)), ...others);
      expect((await bed.conversation())!.takeoverUntil).toEqual(new Date(START + 30 * MINUTE));
      const message = { accountId: ACCOUNT, id: send!.message_id, status: 'sent', externalId: 'own', sentAt: new Date(START), error: null } as const;
      await bed.db.transactions.run((tx) =>
        bed.outcomes.write(tx, [{ outboxId: send!.id, conversationId: send!.conversation_id, decision: { message, next: null } }]));
      expect(await bed.conversation()).toMatchObject(expected);
      // What happened to the echo has happened to the message.
      expect(await bed.message('own')).toMatchObject({ id: send!.message_id, text: 'Hello!', readAt: new Date(START) });
    });
  });

  describe('when an echo turns out to have been our own,', () => {
    const decided = (words: object) => bed.operatorSays({ paused: false, ...words });
    const pause = { paused: true, pausedUntil: new Date(START + 5 * MINUTE).toISOString() };
    const own = echo('own', 'Hello! (shortened)', at(1));
    const itWasOurs = async () => {
      const [send] = await bed.query<{ id: number; message_id: string; conversation_id: string }>('SELECT * FROM outbox_messages');
      const message = { accountId: ACCOUNT, id: send!.message_id, status: 'sent', externalId: 'own', sentAt: new Date(START), error: null } as const;
      await bed.db.transactions.run((tx) =>
        bed.outcomes.write(tx, [{ outboxId: send!.id, conversationId: send!.conversation_id, decision: { message, next: null } }]));
    };
    beforeEach(async () => {
      await answersAfter('hi', 0);
      await bed.query(`UPDATE messages SET status = 'sending' WHERE direction = 'outbound'`);
    });

    it.each([['resumed', {}], ['paused', pause]])('a takeover from before an operator’s word does not come back (%s)', async (_, words) => {
      await deliver(echo('phone', 'I am here', at(0)));
      await decided(words);
      await deliver(own);
      await itWasOurs();
      expect(await bed.conversation()).toMatchObject({ takeoverUntil: null, messageCount: 3 });
    });

    it.each([['resumed', {}, 0], ['paused', pause, 1]])('answers before it count again, unless an operator has stepped in (%s)', async (_, words, automaticTurns) => {
      await deliver(own);
      await decided(words);
      await itWasOurs();
      expect(await bed.conversation()).toMatchObject({ takeoverUntil: null, automaticTurns });
    });

    it('an echo that came in standby had changed nothing, and so gives nothing back', async () => {
      await bed.deliverEntry({ standby: [own] });
      await bed.process();
      expect(await bed.conversation()).toMatchObject({ takeoverUntil: null, automaticTurns: 1 });
      await itWasOurs();
      expect(await bed.conversation()).toMatchObject({ takeoverUntil: null, automaticTurns: 1, automaticTurnsSince: new Date(START) });
    });

    it('a takeover since an operator’s word stands', async () => {
      await deliver(echo('before', 'I am here', at(0)));
      await decided({});
      await deliver(echo('since', 'and again', at(-5)), own);
      await itWasOurs();
      expect(await bed.conversation()).toMatchObject({ takeoverUntil: new Date(START + 25 * MINUTE) });
    });
  });

  describe('stops endless conversations', () => {
    beforeEach(async () => {
      await bed.set({ max_automatic_turns: 3 });
    });
    const threeAnswers = async () => {
      for (const minute of [0, 1, 2]) await answersAfter('ping', minute);
    };

    it('after so many answers, until an hour after the first', async () => {
      await threeAnswers();
      expect(await answersAfter('ping', 59)).toBe(3);
      expect((await last()).stopped).toMatch(/^loop guard: 3 .* since 2026-11-01T12:00:00.000Z .* 2026-11-01T13:00:00.000Z$/);
      expect(await answersAfter('ping', 60)).toBe(4);
      expect(await bed.conversation()).toMatchObject({ automaticTurns: 1, automaticTurnsSince: new Date(START + 60 * MINUTE) });
    });

    it('counts answers, not their parts, and within one batch too', async () => {
      await bed.addRule({ priority: 1, response_template: 'word '.repeat(300) });
      await bed.deliver([0, 1, 2, 3, 4].map((i) => text(`b${String(i)}`, 'ping', at(0))));
      await bed.process();
      expect(await bed.sends()).toHaveLength(6);
    });

    it.each([
      ['somebody typed elsewhere', echo('e', 'I am here', at(3)), { takeover_minutes: 0 }],
      ['a quick reply was tapped', item({ message: { mid: 'q', text: 'Yes', quick_reply: { payload: 'Y' } } }, at(3)), {}],
      ['a button was tapped', item({ postback: { mid: 'p', title: 'x', payload: 'x' } }, at(3)), {}],
    ])('begins anew when %s', async (_, one, settings) => {
      await threeAnswers();
      if (Object.keys(settings).length > 0) await bed.set(settings);
      passTo(3);
      await deliver(one);
      const before = (await bed.sends()).length;
      expect(await answersAfter('ping', 4)).toBe(before + 1);
    });

    it('is of one conversation', async () => {
      await threeAnswers();
      await deliver(text('other', 'hi', { ...at(2), sender: { id: '77' } }));
      expect(await bed.sends()).toHaveLength(4);
    });
  });

  describe('ends and resumes by the customer’s word', () => {
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

  it('is not in the way of what is stored and shown', async () => {
    await bed.set({ token_status: 'invalid' });
    await bed.query('UPDATE instagram_business_accounts SET max_automatic_turns = 0');
    await bed.query(`INSERT INTO conversations (id, account_id, participant_id, message_count, automation_paused, created_at, updated_at)
      VALUES ('${ACCOUNT}:${CUSTOMER}', '${ACCOUNT}', '${CUSTOMER}', 0, 1, '2026-01-01', '2026-01-01')`);
    await deliver(text('m', 'hi'), item({ read: { mid: 'm' } }), echo('e', 'x'));
    expect(await bed.messages()).toHaveLength(2);
    expect((await bed.message('m'))!.readAt).not.toBeNull();
  });
});
