import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { insertAccount } from '../../../test/support/account-row.js';
import { openTestDatabase, type TestDatabaseHandle } from '../../../test/support/database.js';
import { AccountEntity, AccountRepository, type AccountDirectory } from '../../accounts/index.js';
import { Clock } from '../../common/clock.js';
import { newId } from '../../common/new-id.js';
import { parseEnvironment } from '../../config/index.js';
import { NoTelemetry } from '../../common/telemetry.js';
import {
  ConversationEntity, ConversationRepository, EarlyChangeRepository, EarlyChanges, MessageEntity, MessageRepository, newConversation,
  type MessageRow,
} from '../../conversations/index.js';
import { sha256 } from '../../crypto/index.js';
import type { ConversationLookup, ExternalMessage, LookupResult } from '../graph/conversation-lookup.js';
import type { MessageSender, SendOutcome, SendRequest } from '../message-sender.port.js';
import { InProcessDoorbell } from '../../queue/index.js';
import { laneOf } from '../lanes.js';
import { InProcessPace } from '../pace/in-process.pace.js';
import { paceLimits } from '../pace/pace-limits.js';
import { AccountNewsWriter } from './account-news.writer.js';
import { AccountPauses } from './account-pauses.js';
import { AttemptSend } from './attempt-send.js';
import { ClaimSends } from './claim-sends.js';
import { ConversationStops } from './conversation-stops.js';
import { DeliverMessagesUseCase } from './deliver-messages.usecase.js';
import { EchoMatcher } from './echo-matcher.js';
import { MarkLostSends } from './mark-lost-sends.js';
import { OutboxHints } from './outbox-hints.js';
import { OutboxLaneEntity } from './outbox-lane.entity.js';
import { OutboxMessageEntity } from './outbox-message.entity.js';
import { OutboxRepository } from './outbox.repository.js';
import { OutcomeRecorder } from './outcome.recorder.js';
import { OutcomeWriter } from './outcome.writer.js';
import { SettleUncertainUseCase } from './settle-uncertain.usecase.js';

const ACCOUNT = '17841400000000001';

class MovedClock extends Clock {
  at = new Date('2026-11-24T10:00:00.000Z');

  override now(): Date {
    return this.at;
  }

  pass(seconds: number): void {
    this.at = new Date(this.at.getTime() + seconds * 1000);
  }
}

class FakeSender implements MessageSender {
  readonly calls: SendRequest[] = [];
  answer: (request: SendRequest) => Promise<SendOutcome> | SendOutcome = () => sent(`mid.${String(this.calls.length)}`);

  async sendMessage(request: SendRequest): Promise<SendOutcome> {
    this.calls.push(request);
    return await this.answer(request);
  }

  get texts(): string[] {
    return this.calls.map((call) => textOf(call));
  }
}

const sent = (messageId: string): SendOutcome => ({ kind: 'sent', messageId, recipientId: '1' });
const textOf = (request: SendRequest) => (request.body['message'] as { text: string }).text;

describe('the outbox on a database', () => {
  let database: TestDatabaseHandle;
  let clock: MovedClock;
  let sender: FakeSender;
  let outbox: OutboxRepository;
  let messages: MessageRepository;
  let conversations: ConversationRepository;
  let claims: ClaimSends;
  let deliver: DeliverMessagesUseCase;
  let settle: SettleUncertainUseCase;
  let lost: MarkLostSends;
  let echoes: EchoMatcher;
  let external: ExternalMessage[];
  let unanswered: string | null;
  let restarted: () => SettleUncertainUseCase;

  beforeEach(async () => {
    database = await openTestDatabase([AccountEntity, ConversationEntity, MessageEntity, OutboxMessageEntity, OutboxLaneEntity]);
    await insertAccount(database.dataSource, ACCOUNT);
    const { transactions, dialect } = database;
    clock = new MovedClock();
    sender = new FakeSender();
    external = [];
    unanswered = null;
    const hints = new OutboxHints();
    const accounts = new AccountRepository(dialect);
    const directory = {
      find: async () => ({ id: ACCOUNT, status: 'active', tokenStatus: 'valid' }),
      accessToken: async () => 'token',
      evict: () => undefined,
    } as unknown as AccountDirectory;
    const lookups = {
      newestMessages: async (): Promise<LookupResult> => {
        const askedAt = clock.now();
        return unanswered === null ? { kind: 'found', messages: external, askedAt } : { kind: 'unanswered', reason: unanswered, deadToken: false, askedAt };
      },
    } as unknown as ConversationLookup;
    messages = new MessageRepository(dialect);
    conversations = new ConversationRepository(dialect);
    outbox = new OutboxRepository(dialect, clock, new InProcessDoorbell(), hints);
    const earlyChanges = new EarlyChanges(new EarlyChangeRepository(dialect), messages);
    const writer = new OutcomeWriter(outbox, messages, conversations, earlyChanges);
    const recorder = new OutcomeRecorder(
      transactions, dialect, outbox, writer, new ConversationStops(conversations, outbox, writer, clock),
      new AccountNewsWriter(accounts, directory, clock), clock,
    );
    claims = new ClaimSends(transactions, outbox, messages, accounts, clock);
    const pauses = new AccountPauses(clock);
    const pace = new InProcessPace(paceLimits(parseEnvironment({}).limits));
    const attempts = new AttemptSend(directory, pace, pauses, sender, new NoTelemetry(), clock);
    deliver = new DeliverMessagesUseCase(transactions, outbox, claims, attempts, recorder, pauses, hints, clock);
    restarted = () => new SettleUncertainUseCase(transactions, outbox, messages, writer, lookups, directory, accounts, clock);
    settle = restarted();
    lost = new MarkLostSends(transactions, outbox, writer, clock);
    echoes = new EchoMatcher(outbox, messages, writer);
  });

  afterEach(async () => {
    await deliver.stop();
    await database.close();
  });

  async function queue(person: string, texts: readonly string[], sendBefore: Date | null = null): Promise<string[]> {
    return await database.transactions.run(async (tx) => {
      const id = `${ACCOUNT}:${person}`;
      const conversation = (await conversations.find(tx, ACCOUNT, id)) ?? newConversation(ACCOUNT, person, clock.now());
      const rows = texts.map((text) => {
        conversation.messageCount++;
        return message(id, conversation.messageCount, text);
      });
      await conversations.upsertMany(tx, [conversation]);
      await messages.insertMany(tx, rows);
      await outbox.insertMany(tx, rows.map((row) => ({
        accountId: ACCOUNT, conversationId: id, messageId: row.id, source: 'rule', sendBefore,
        request: { recipient: { id: person }, message: { text: row.text } },
      })));
      return rows.map((row) => row.id);
    });
  }

  function message(conversationId: string, position: number, text: string): MessageRow {
    return {
      accountId: ACCOUNT, id: newId(), conversationId, position, direction: 'outbound', kind: 'text', text, attachments: [],
      externalId: null, externalKey: null, ruleId: 1, status: 'queued', error: null, reactions: [], details: null, readAt: null,
      editedAt: null, deletedAt: null, sentAt: null, createdAt: clock.now(),
    };
  }

  async function send(): Promise<void> {
    await deliver.execute(laneOf(ACCOUNT));
    await deliver.idle();
  }

  const inConversation = (person: string) =>
    database.transactions.read((tx) => messages.listByConversation(tx, ACCOUNT, `${ACCOUNT}:${person}`, null, 100));
  const waiting = () => database.transactions.read((tx) => outbox.listWaiting(tx));
  const echo = (person: string, mid: string, text: string) => ({
    accountId: ACCOUNT, conversationId: `${ACCOUNT}:${person}`, mid, text, attachments: [], at: clock.now(),
  });

  it('claims each send once, and only the oldest of each conversation, however many claim at once', async () => {
    for (let person = 1; person <= 12; person++) await queue(String(person), ['first', 'second']);
    const claimed = await Promise.all(Array.from({ length: 8 }, () => claims.execute(ACCOUNT, 3)));
    const all = claimed.flatMap((claim) => (claim.kind === 'claimed' ? claim.messages : []));
    expect(all).toHaveLength(12);
    expect(new Set(all.map((one) => one.id)).size).toBe(12);
    expect(new Set(all.map((one) => one.conversationId)).size).toBe(12);
    expect(all.every((one) => JSON.stringify(one.request).includes('first'))).toBe(true);
  });

  it('sends a conversation in order, one after the other, and leaves nothing behind', async () => {
    await queue('1', ['a', 'b', 'c']);
    await queue('2', ['d']);
    await send();
    expect(sender.texts.filter((text) => text !== 'd')).toEqual(['a', 'b', 'c']);
    expect(sender.texts).toContain('d');
    expect((await inConversation('1')).map((one) => one.status)).toEqual(['sent', 'sent', 'sent']);
    expect(await waiting()).toEqual([]);
  });

  it('fails what came too late, and goes on with the next', async () => {
    await queue('1', ['late'], clock.now());
    const [next] = await queue('1', ['in time']);
    await send();
    expect(sender.texts).toEqual(['in time']);
    const [newest, oldest] = await inConversation('1');
    expect(newest).toMatchObject({ id: next, status: 'sent' });
    expect(oldest?.status).toBe('failed');
    expect(oldest?.error).toMatch(/not sent in time/);
  });

  it('keeps an outcome the database did not take, and does not send again', async () => {
    await queue('1', ['once']);
    let failures = 3;
    const original = messages.recordOutcomes.bind(messages);
    messages.recordOutcomes = async (tx, outcomes) => {
      if (failures-- > 0) throw Object.assign(new Error('the database is away'), { code: 'PROTOCOL_CONNECTION_LOST' });
      await original(tx, outcomes);
    };
    await send();
    expect(sender.calls).toHaveLength(1);
    expect((await inConversation('1'))[0]).toMatchObject({ status: 'sent', externalId: 'mid.1' });
  });

  it('stops the account whose token is dead, and sends when it has a new one', async () => {
    await queue('1', ['hello']);
    sender.answer = () => ({ kind: 'dead_token', reason: 'expired', code: '190' });
    await send();
    const token = async () => (await database.transactions.read((tx) => new AccountRepository(database.dialect).find(tx, ACCOUNT)))?.tokenStatus;
    expect(await token()).toBe('invalid');
    clock.pass(60);
    await send();
    expect(sender.calls).toHaveLength(1);
    expect((await inConversation('1'))[0]?.status).toBe('queued');
    await database.dataSource.query("UPDATE instagram_business_accounts SET token_status = 'unknown'");
    sender.answer = () => sent('mid.new');
    clock.pass(60);
    await send();
    expect((await inConversation('1'))[0]?.status).toBe('sent');
  });

  it('takes an echo that is faster than the answer for the send, and the second of two equal texts for somebody else’s', async () => {
    const [first, second] = await queue('1', ['same', 'same']);
    sender.answer = async (request) => {
      if (sender.calls.length > 1) return sent('mid.2');
      const matches = await database.transactions.run((tx) =>
        echoes.match(tx, [echo('1', 'mid.1', textOf(request)), echo('1', 'mid.other', textOf(request))]),
      );
      expect(matches.find(ACCOUNT, 'mid.1')).toBe(first);
      expect(matches.find(ACCOUNT, 'mid.other')).toBeUndefined();
      return sent('mid.1');
    };
    await send();
    const known = await database.transactions.run((tx) => echoes.match(tx, [echo('1', 'mid.1', 'same'), echo('1', 'mid.2', 'same')]));
    expect([known.find(ACCOUNT, 'mid.1'), known.find(ACCOUNT, 'mid.2')]).toEqual([first, second]);
    expect(known.find('17841400000000002', 'mid.1')).toBeUndefined();
    expect((await inConversation('1')).map((one) => [one.externalId, one.status])).toEqual([['mid.2', 'sent'], ['mid.1', 'sent']]);
    expect(sender.calls).toHaveLength(2);
  });

  it('makes one of a send and the echo that was recorded as somebody else’s before', async () => {
    await queue('1', ['hello']);
    sender.answer = async () => {
      await database.transactions.run(async (tx) => {
        const conversation = await conversations.find(tx, ACCOUNT, `${ACCOUNT}:1`);
        const shortened = { ...message(`${ACCOUNT}:1`, 2, 'hel…'), externalId: 'mid.1', externalKey: sha256('mid.1'), status: 'sent' as const };
        await messages.insertMany(tx, [shortened, { ...message(`${ACCOUNT}:1`, 3, 'after'), status: 'sent' as const }]);
        if (conversation) await conversations.upsertMany(tx, [{ ...conversation, messageCount: 3 }]);
      });
      return sent('mid.1');
    };
    await send();
    expect((await inConversation('1')).map((one) => [one.position, one.text, one.externalId])).toEqual([[2, 'after', null], [1, 'hello', 'mid.1']]);
    expect((await database.transactions.read((tx) => conversations.find(tx, ACCOUNT, `${ACCOUNT}:1`)))?.messageCount).toBe(2);
  });

  it('does not take the message of an earlier send for an echo when Graph gives one id twice', async () => {
    await queue('1', ['a', 'b']);
    sender.answer = () => sent('mid.same');
    await send();
    expect((await inConversation('1')).map((one) => [one.text, one.status])).toEqual([['b', 'sent'], ['a', 'sent']]);
  });

  it('settles an uncertain send by Instagram’s record: found is sent, never sent again', async () => {
    await queue('1', ['hello', 'next']);
    sender.answer = (request) => (textOf(request) === 'hello' ? { kind: 'unknown', reason: 'timeout' } : sent('mid.next'));
    await send();
    expect((await inConversation('1')).map((one) => one.status)).toEqual(['queued', 'uncertain']);
    const older = new Date(clock.now().getTime() - 60_000);
    external = [
      { id: 'mid.9', fromId: ACCOUNT, text: 'hello', hasAttachments: false, createdAt: clock.now() },
      { id: 'mid.8', fromId: '1', text: 'hello', hasAttachments: false, createdAt: clock.now() },
      { id: 'mid.7', fromId: ACCOUNT, text: 'hello', hasAttachments: false, createdAt: older },
    ];
    clock.pass(1);
    await settle.execute(ACCOUNT);
    await send();
    expect((await inConversation('1')).map((one) => [one.status, one.externalId])).toEqual([['sent', 'mid.next'], ['sent', 'mid.9']]);
    expect(sender.texts).toEqual(['hello', 'next']);
  });

  it('sends again only after two look-ups without it, the last of them late enough', async () => {
    await queue('1', ['hello']);
    sender.answer = () => (sender.calls.length === 1 ? { kind: 'unknown', reason: 'reset' } : sent('mid.2'));
    await send();
    let seconds = 0;
    while ((await waiting()).some((group) => group.status === 'uncertain')) {
      clock.pass(1);
      seconds++;
      await settle.execute(ACCOUNT);
    }
    expect(seconds).toBeGreaterThanOrEqual(10);
    expect(seconds).toBeLessThan(30);
    expect(sender.calls).toHaveLength(1);
    await send();
    expect(sender.texts).toEqual(['hello', 'hello']);
    expect((await inConversation('1'))[0]).toMatchObject({ status: 'sent', externalId: 'mid.2' });
  });

  it('after a crash looks up what was being sent, instead of sending it', async () => {
    await queue('1', ['hello']);
    expect((await claims.execute(ACCOUNT, 1)).kind).toBe('claimed'); // and the process dies
    await lost.execute(ACCOUNT, new Set(), false);
    expect((await inConversation('1'))[0]?.status).toBe('sending'); // another process may still be on it
    await lost.execute(ACCOUNT, new Set(), true);
    expect((await inConversation('1'))[0]?.status).toBe('uncertain');
    external = [{ id: 'mid.1', fromId: ACCOUNT, text: 'hello', hasAttachments: false, createdAt: clock.now() }];
    clock.pass(2);
    await settle.execute(ACCOUNT);
    expect((await inConversation('1'))[0]).toMatchObject({ status: 'sent', externalId: 'mid.1' });
    expect(sender.calls).toHaveLength(0);
  });

  it('does not send again when so many messages have come since that the record no longer reaches back to it', async () => {
    await queue('1', ['hello']);
    sender.answer = () => (sender.calls.length === 1 ? { kind: 'unknown', reason: 'reset' } : sent('mid.2'));
    await send();
    clock.pass(1);
    const later = (nth: number): ExternalMessage => ({ id: `in.${String(nth)}`, fromId: '1', text: 'hello?', hasAttachments: false, createdAt: clock.now() });
    external = [...Array.from({ length: 20 }, (_, nth) => later(nth)), { id: 'mid.1', fromId: null, text: null, hasAttachments: false, createdAt: null }];
    for (let seconds = 0; seconds < 60; seconds++) {
      clock.pass(1);
      await settle.execute(ACCOUNT);
    }
    expect((await inConversation('1'))[0]?.status).toBe('uncertain');
    const matches = await database.transactions.run((tx) => echoes.match(tx, [echo('1', 'mid.1', 'hello')]));
    expect(matches.find(ACCOUNT, 'mid.1')).toBeDefined();
    await send();
    expect(sender.calls).toHaveLength(1);
    expect((await inConversation('1'))[0]).toMatchObject({ status: 'sent', externalId: 'mid.1' });
  });

  it('knows by a message it had recorded before that the record reaches back', async () => {
    const before = { ...message(`${ACCOUNT}:1`, 1, 'earlier'), direction: 'inbound' as const, status: 'received' as const, externalId: 'in.0', externalKey: sha256('in.0') };
    await queue('1', ['hello']);
    await database.transactions.run((tx) => messages.insertMany(tx, [before]));
    clock.pass(1);
    sender.answer = () => (sender.calls.length === 1 ? { kind: 'unknown', reason: 'reset' } : sent('mid.2'));
    await send();
    external = Array.from({ length: 20 }, (_, nth) => ({ id: `in.${String(19 - nth)}`, fromId: '1', text: 'hi', hasAttachments: false, createdAt: clock.now() }));
    for (let seconds = 0; seconds < 30; seconds++) {
      clock.pass(1);
      await settle.execute(ACCOUNT);
    }
    await send();
    expect(sender.texts).toEqual(['hello', 'hello']);
  });

  it('after a long outage gives evidence its time, counted from when it can be asked for', async () => {
    await queue('1', ['hello']);
    await claims.execute(ACCOUNT, 1); // and the process dies
    clock.pass(40 * 60);
    settle = restarted();
    await lost.execute(ACCOUNT, new Set(), true);
    clock.pass(1);
    unanswered = 'code 2';
    await settle.execute(ACCOUNT);
    expect((await inConversation('1'))[0]?.status).toBe('uncertain');
    unanswered = null;
    external = [{ id: 'mid.1', fromId: ACCOUNT, text: 'hello', hasAttachments: false, createdAt: clock.now() }];
    clock.pass(10);
    await settle.execute(ACCOUNT);
    expect((await inConversation('1'))[0]).toMatchObject({ status: 'sent', externalId: 'mid.1' });
  });

  it('looks up at once what the process that died had claimed to look up', async () => {
    await queue('1', ['hello']);
    sender.answer = () => ({ kind: 'unknown', reason: 'reset' });
    await send();
    clock.pass(1);
    const until = new Date(clock.now().getTime() + 20_000);
    await database.transactions.run((tx) => outbox.claimLookups(tx, ACCOUNT, clock.now(), until, 10)); // and the process dies
    await lost.resumeLookups(ACCOUNT);
    external = [{ id: 'mid.1', fromId: ACCOUNT, text: 'hello', hasAttachments: false, createdAt: clock.now() }];
    await settle.execute(ACCOUNT);
    expect((await inConversation('1'))[0]).toMatchObject({ status: 'sent', externalId: 'mid.1' });
  });
});
