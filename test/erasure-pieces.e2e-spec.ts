import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DataSource } from 'typeorm';
import { AppModule } from '../src/app.module.js';
import { AuditTrail } from '../src/audit/index.js';
import { newId } from '../src/common/new-id.js';
import { SYSTEM_CONTEXT } from '../src/common/request-context.js';
import {
  ConversationErasureRepository, ConversationRepository, MessageRepository, newConversation, type ConversationRow, type MessageRow,
} from '../src/conversations/index.js';
import { TransactionRunner, type Tx } from '../src/database/index.js';
import { BeginErasure } from '../src/messaging/erasure/begin-erasure.js';
import { EraseConversationUseCase } from '../src/messaging/erasure/erase-conversation.usecase.js';
import { EraseEvents } from '../src/messaging/erasure/erase-events.js';
import { EraseMessages } from '../src/messaging/erasure/erase-messages.js';
import { insertAccount } from './support/account-row.js';
import { eachDatabase } from './support/databases.js';
import { placesOf, storedRows } from './support/stored-rows.js';

const ACCOUNT = '17841400000000001';
const AT = new Date('2026-11-24T10:00:00.000Z');
/** Three pieces, the last of which is not full. */
const MANY = 1_234;
let lastPerson = 5_000_000_000;

/** Does something before one of the transactions begins. */
class Interrupted extends TransactionRunner {
  private begun = 0;

  constructor(
    private readonly runner: TransactionRunner,
    private readonly before: (number: number) => Promise<void>,
  ) {
    super();
  }

  override async run<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    await this.before(++this.begun);
    return await this.runner.run(work);
  }

  override write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.runner.write(work);
  }

  override read<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.runner.read(work);
  }
}

/** What happens between the pieces of a long conversation. */
eachDatabase((database) => {
  let app: NestExpressApplication;
  let dataSource: DataSource;
  let transactions: TransactionRunner;
  let conversations: ConversationRepository;
  let messages: MessageRepository;
  let person: string;
  let id: string;

  beforeAll(async () => {
    const settings = database.settings({ ADMIN_API_KEY: 'test-administrator-key-0123456789' });
    // No workers: nothing else happens.
    app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(settings, { workers: false }), { bodyParser: false, abortOnError: false, logger: false });
    await app.init();
    dataSource = app.get(DataSource);
    transactions = app.get<TransactionRunner>(TransactionRunner);
    conversations = app.get(ConversationRepository, { strict: false });
    messages = app.get(MessageRepository, { strict: false });
    await insertAccount(dataSource, ACCOUNT);
  }, 120_000);

  afterAll(async () => {
    await app.close();
  });

  beforeEach(async () => {
    person = String(++lastPerson);
    id = `${ACCOUNT}:${person}`;
    await write(MANY);
  });

  /** As the inbox does: each message at the end of its conversation, whose row is held and written back. */
  async function write(count: number, over: Partial<ConversationRow> = {}): Promise<void> {
    await transactions.run(async (tx) => {
      const row = (await conversations.lockMany(tx, [{ accountId: ACCOUNT, id }])).get(id) ?? newConversation(ACCOUNT, person, AT);
      const said = Array.from({ length: count }, (_, index): MessageRow => ({
        accountId: ACCOUNT, id: newId(), conversationId: id, position: row.messageCount + index + 1, direction: 'inbound', kind: 'text', text: `${person} says ${String(count)}`,
        attachments: [], externalId: null, externalKey: null, ruleId: null, status: 'received', error: null, reactions: [], details: null, readAt: null, editedAt: null,
        deletedAt: null, sentAt: AT, createdAt: AT,
      }));
      await conversations.upsertMany(tx, [{ ...row, messageCount: row.messageCount + count, lastMessageAt: AT, lastInboundAt: AT, ...over }]);
      await messages.insertMany(tx, said);
    });
  }

  /** @param before one of its transactions, the first of which is the first after it has begun */
  function eraser(before: (number: number) => Promise<void> = async () => undefined): EraseConversationUseCase {
    const get = <T>(type: new (...parameters: never[]) => T): T => app.get<T>(type, { strict: false });
    return new EraseConversationUseCase(
      new Interrupted(transactions, before), get(BeginErasure), get(EraseEvents), get(EraseMessages), get(ConversationErasureRepository), get(AuditTrail),
    );
  }

  const erase = (before?: (number: number) => Promise<void>) => eraser(before).execute(SYSTEM_CONTEXT, ACCOUNT, id);
  const places = async () => placesOf([person], await storedRows(dataSource));
  const stored = () => transactions.read((tx) => conversations.find(tx, ACCOUNT, id));
  const listed = async () => (await transactions.read((tx) => messages.listByConversation(tx, ACCOUNT, id, null, 200))).map(({ position, text }) => [position, text]);
  const count = async () => Number((await dataSource.query<{ n: number | string }[]>('SELECT COUNT(*) AS n FROM messages WHERE conversation_id = ?', [id]))[0]!.n);

  /** Messages, by a condition. */
  async function queueAgain(condition: string, value: string): Promise<void> {
    await dataSource.query(
      `INSERT INTO outbox_messages (account_id, conversation_id, message_id, source, status, attempts, next_attempt_at, lookups, request, created_at)
       SELECT account_id, conversation_id, id, 'manual', 'queued', 0, '2099-01-01 00:00:00.000', 0, '{}', created_at FROM messages WHERE ${condition}`, [value],
    );
  }

  it('goes in pieces, between which what the person writes is let in, and stays', async () => {
    const counts: number[] = [];
    await erase(async () => {
      counts.push(await count());
      if (counts.length === 2 || counts.at(-1) === MANY + 1 - 500) await write(1);
    });
    expect(Math.max(...counts.map((left, i) => (counts[i + 1] === undefined ? 0 : left - counts[i + 1]!)))).toBe(500);
    expect(await listed()).toEqual([[2, `${person} says 1`], [1, `${person} says 1`]]);
    expect(await stored()).toMatchObject({ messageCount: 2, lastMessageAt: AT, participantUsername: null });
    await write(1);
    expect((await listed()).map(([position]) => position)).toEqual([3, 2, 1]);
  });

  it('is completed by the next, wherever it was broken off', async () => {
    let broken = 0;
    for (let at = 1; ; at++) {
      const failed = await erase(async (number) => {
        if (number === at) throw new Error('the power is gone');
      }).then(() => false, () => true);
      if (!failed) break;
      broken++;
      // It has begun at least: nobody sees a name or a window any more.
      expect(await stored()).toMatchObject({ participantUsername: null, lastMessageAt: null, windowClosesAt: null });
    }
    expect(broken).toBeGreaterThan(5);
    expect(await places()).toEqual([]);
  });

  it('gives way to one that begins after it: neither takes the other’s new messages for old ones', async () => {
    await expect(erase(async (number) => {
      if (number !== 6) return;
      await write(2);
      await erase(async (later) => {
        if (later === 2) await write(3);
      });
    })).rejects.toMatchObject({ kind: 'conflict', code: 'erasure_overtaken' });
    expect((await listed()).map(([, text]) => text)).toEqual(Array(3).fill(`${person} says 3`));
    expect(await stored()).toMatchObject({ messageCount: 3 });
  });

  it('stops when the service does, and says that it is to be asked again', async () => {
    const one = eraser(async (number) => {
      if (number === 3) one.beforeApplicationShutdown();
    });
    await expect(one.execute(SYSTEM_CONTEXT, ACCOUNT, id)).rejects.toMatchObject({ kind: 'unavailable', code: 'shutting_down' });
    await erase();
    expect(await places()).toEqual([]);
  });

  it('a name that is being looked up meanwhile is not stored', async () => {
    const claimedAt = new Date('2026-11-24T09:00:00.000Z');
    const claim = () => transactions.run((tx) => conversations.claimNeedingProfile(tx, 5, claimedAt, claimedAt));
    await write(1, { optedOut: true });
    expect((await claim()).map((row) => row.id)).toContain(id);
    await erase(async (number) => {
      if (number === 2) expect((await claim()).map((row) => row.id)).toContain(id);
    });
    const profile = { username: `name.${person}`, name: null, checkedAt: AT };
    await transactions.run((tx) => conversations.saveProfile(tx, ACCOUNT, id, profile, claimedAt));
    expect(await places()).toEqual(['conversations.id', 'conversations.participant_id']);
    expect((await claim()).map((row) => row.id)).not.toContain(id);
  });

  it('a failed message that is queued again meanwhile is not lost from sight', async () => {
    const [first] = await transactions.read((tx) => messages.listByConversation(tx, ACCOUNT, id, 2, 1));
    await expect(erase(async (number) => {
      if (number === 4) await queueAgain('id = ?', first!.id);
    })).rejects.toMatchObject({ kind: 'conflict', code: 'message_queued_again' });
    expect(await listed()).toEqual([[1, `${person} says ${String(MANY)}`]]);
    await erase();
    expect(await places()).toEqual([]);
  });

  it('of more queued messages than are cancelled at once none is sent', async () => {
    await queueAgain('conversation_id = ?', id);
    await erase();
    expect(await places()).toEqual([]);
  });
});
