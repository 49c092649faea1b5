import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { at, AutomationTalk, echo, MINUTE } from '../../../../test/support/automation-talk.js';
import { ACCOUNT, CUSTOMER, InboxBed, item, START, text } from '../../../../test/support/inbox-bed.js';

describe('automation', () => {
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
