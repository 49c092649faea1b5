import { setTimeout as delay } from 'node:timers/promises';
import { deliveryOf, entryOf, LocalMeta, newIgsid, newMid, textEvent, type LocalMetaOptions } from '../../src/local-meta/index.js';
import type { TestDatabase } from './databases.js';
import { RunningService } from './running-service.js';
import { Stage, type TestAccount } from './stage.js';

export type Role = 'all' | 'web' | 'worker';

/** What one person has written, each answered 200, in this order. */
export interface Talk {
  readonly account: TestAccount;
  readonly person: string;
  readonly written: string[];
}

/** It is part of what the gauge shows. */
const LAG_RESOLUTION_MS = 10;

export const answerTo = (text: string): string => `You said ${text}`;

/** Several instances of the service as processes, on one database and one Redis, all started at the same moment. */
export class Deployment {
  private constructor(
    readonly stage: Stage,
    readonly services: { readonly role: Role; service: RunningService }[],
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  static async open(
    database: TestDatabase, redisUrl: string, roles: readonly Role[], more: Readonly<Record<string, string>> = {}, options: LocalMetaOptions = {},
  ): Promise<Deployment> {
    const meta = await LocalMeta.start(options);
    const env = { ...database.env, LOG_LEVEL: 'warn', REDIS_URL: redisUrl, GRAPH_API_BASE_URL: meta.graphUrl, ...more };
    const services = await Promise.all(roles.map(async (role) => ({ role, service: await RunningService.start({ ...env, ROLE: role }) })));
    const front = services.find(({ role }) => role !== 'worker');
    if (!front) throw new Error('Nobody to receive');
    return new Deployment(Stage.of(meta, front.service, env), services, env);
  }

  get meta(): LocalMeta {
    return this.stage.meta;
  }

  of(role: Role): { readonly role: Role; service: RunningService }[] {
    return this.services.filter((one) => one.role === role);
  }

  async close(): Promise<void> {
    await this.meta.close();
    await Promise.all(this.services.map(({ service }) => service.stop()));
  }

  /** From now on: by how many milliseconds, at worst, one of this role got late to what it was to do. Ends with the question. */
  async watchLateness(role: Role): Promise<() => Promise<number>> {
    const { adminKey } = this.stage.service;
    // The gauge begins anew whenever it is read.
    const read = () => Promise.all(this.of(role).map(async ({ service }) => {
      const metrics = await fetch(`${service.url}/metrics`, { headers: { authorization: `Bearer ${adminKey}` } });
      const [, seconds] = /^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(await metrics.text()) ?? [];
      return Number(seconds) * 1000 - LAG_RESOLUTION_MS;
    }));
    await read();
    return async () => Math.max(0, ...(await read()));
  }

  /** `kill -9`, and another in its place, on the same port. */
  async replace(one: { readonly role: Role; service: RunningService }): Promise<void> {
    const { port } = one.service;
    const wasFront = one.service === this.stage.service;
    await one.service.kill();
    one.service = await RunningService.start({ ...this.env, ROLE: one.role }, port);
    if (wasFront) this.stage.service = one.service;
  }

  async addWorker(): Promise<{ readonly role: Role; service: RunningService }> {
    const worker = { role: 'worker' as const, service: await RunningService.start({ ...this.env, ROLE: 'worker' }) };
    this.services.push(worker);
    return worker;
  }

  /** An account that answers everything with what was said, as often as it is written to. */
  async addAccount(): Promise<TestAccount> {
    const account = await this.stage.addAccount({ settings: { maxAutomaticTurns: 100_000 } });
    await this.stage.addRule(account, { responseTemplate: answerTo('{{ text }}') });
    // Any instance that receives takes its deliveries.
    for (const url of this.addressesOf(account)) this.meta.addApp({ appSecret: account.appSecret, callbackUrl: url });
    return account;
  }

  newTalk(account: TestAccount): Talk {
    return { account, person: newIgsid(), written: [] };
  }

  /** One message after the other, each to the next instance that takes it. */
  async write(talk: Talk, count: number, pauseMs = 0): Promise<void> {
    const { account, person, written } = talk;
    for (let nth = 0; nth < count; nth++) {
      const text = `${String(written.length + 1)} of ${person}`;
      // Meta's clock does not stand still between two messages of one person.
      await delay(Math.max(1, pauseMs));
      const body = deliveryOf(entryOf(account.id, [textEvent({ accountId: account.id, person, mid: newMid(), at: new Date() }, text)]));
      await this.deliver(account, body, written.length);
      written.push(text);
    }
  }

  /** What went out to this person, as Meta saw it, in the order of the calls. */
  sentTo({ account, person }: Talk): string[] {
    return this.meta.accepted.filter((send) => send.accountId === account.id && send.recipientId === person).map((send) => send.text ?? '');
  }

  /** What is not as it must be: every message answered, once, in the order written; and stored in that order. */
  async wrongs(talks: readonly Talk[]): Promise<unknown[]> {
    const wrong: unknown[] = [];
    for (const talk of talks) {
      const sent = this.sentTo(talk);
      const expected = talk.written.map(answerTo);
      if (JSON.stringify(sent) !== JSON.stringify(expected)) wrong.push({ person: talk.person, sent, expected });
      const stored = (await this.stage.messages(talk.account, talk.person));
      const inbound = stored.filter((message) => message.direction === 'inbound').map((message) => message.text);
      const outbound = stored.filter((message) => message.direction === 'outbound');
      if (JSON.stringify(inbound) !== JSON.stringify(talk.written)) wrong.push({ person: talk.person, inbound, written: talk.written });
      if (JSON.stringify(outbound.map((message) => message.text)) !== JSON.stringify(expected)) wrong.push({ person: talk.person, outbound, expected });
      if (outbound.some((message) => message.status !== 'sent')) wrong.push({ person: talk.person, unsettled: outbound.filter((message) => message.status !== 'sent') });
    }
    return wrong;
  }

  private addressesOf(account: TestAccount): string[] {
    return this.services.filter(({ role }) => role !== 'worker').map(({ service }) => `${service.url}/webhooks/instagram/${account.id}`);
  }

  private async deliver(account: TestAccount, body: unknown, turn: number): Promise<void> {
    const addresses = this.addressesOf(account);
    for (let attempt = 0; attempt < 400; attempt++) {
      const address = addresses[(turn + attempt) % addresses.length] ?? '';
      const posted = await this.meta.deliver(address, body).catch(() => null); // that instance is dead just now
      if (posted?.status === 200) return;
      await delay(50);
    }
    throw new Error('No instance took a delivery');
  }
}
