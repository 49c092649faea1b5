import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  LocalMeta, deliveryOf, entryOf, newIgsid, newMid, textEvent, type DeliverOptions, type LocalMetaOptions, type Posted,
} from '../../src/local-meta/index.js';
import { eventually, RunningService, type ApiAnswer } from './running-service.js';

/** As Meta does with what is answered 503; a machine that is busy with other suites is late now and then. */
const COME_BACK_MS = 2_000;
const MOST_REDELIVERIES = 10;

export interface TestAccount {
  readonly id: string;
  readonly username: string;
  readonly accessToken: string;
  readonly appSecret: string;
  readonly verifyToken: string;
}

export interface MessageView {
  readonly id: string;
  readonly conversationId: string;
  readonly direction: 'inbound' | 'outbound';
  readonly kind: string;
  readonly text: string | null;
  readonly externalId: string | null;
  readonly ruleId: number | null;
  readonly status: string;
  readonly error: string | null;
}

export interface EventView {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly payload: unknown;
  readonly error: string | null;
}

export interface NewRule {
  readonly typingSeconds?: number;
  readonly triggerType?: string;
  readonly triggerValue?: string;
  readonly responseTemplate: string;
  readonly priority?: number;
  readonly cooldownSeconds?: number;
}

interface Backlog {
  readonly inbox: { readonly depth: number };
  readonly outbox: { readonly depth: number };
}

const HEALTH_IS_FRESH_AFTER_MS = 2_100;

let lastAccount = 0;

/** The built service with Meta on the other side, and the words in which the suites speak of both. */
export class Stage {
  private constructor(
    readonly meta: LocalMeta,
    public service: RunningService,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  static async open(environment: Readonly<Record<string, string>>, options: LocalMetaOptions = {}): Promise<Stage> {
    const meta = await LocalMeta.start(options);
    const whole = { ...environment, GRAPH_API_BASE_URL: meta.graphUrl };
    try {
      return new Stage(meta, await RunningService.start(whole), whole);
    } catch (error) {
      await meta.close();
      throw error;
    }
  }

  /** Of a service that runs already. */
  static of(meta: LocalMeta, service: RunningService, environment: Readonly<Record<string, string>>): Stage {
    return new Stage(meta, service, environment);
  }

  async close(): Promise<void> {
    await this.meta.close();
    await this.service.stop();
  }

  /** `kill -9`, then a start on the same database and the same port. */
  async killAndRestart(): Promise<void> {
    const { port } = this.service;
    await this.service.kill();
    this.service = await RunningService.start(this.environment, port);
  }

  /** An account both sides know; each of an app of its own, unless a secret is given. */
  async addAccount(more: Readonly<Record<string, unknown>> = {}, appSecret = randomBytes(16).toString('hex')): Promise<TestAccount> {
    lastAccount += 1;
    const account = {
      id: `17841${String(Date.now() % 1e6).padStart(6, '0')}${String(lastAccount).padStart(6, '0')}`,
      username: `shop.${String(lastAccount)}`,
      accessToken: `IGAA${randomBytes(60).toString('hex')}`,
      appSecret,
      verifyToken: `verify-${randomBytes(8).toString('hex')}`,
    };
    const { verifyToken, ...fields } = account;
    // Meta knows it first: the service asks about a new account's token at once.
    this.meta.addAccount({ ...fields, callbackUrl: this.addressOf(account) });
    const answer = await this.service.api('POST', '/accounts', { ...fields, webhookVerifyToken: verifyToken, ...more });
    if (answer.status !== 201) throw new Error(`POST /accounts: ${String(answer.status)} ${answer.text}`);
    return account;
  }

  /** The account's own webhook address. */
  addressOf(account: TestAccount): string {
    return `${this.sharedAddress}/${account.id}`;
  }

  get sharedAddress(): string {
    return `${this.service.url}/webhooks/instagram`;
  }

  async addRule(account: TestAccount, rule: NewRule): Promise<number> {
    const body = { name: 'rule', triggerType: 'any', ...rule };
    const answer = await this.service.api<{ id: number }>('POST', `/accounts/${account.id}/rules`, body);
    if (answer.status !== 201) throw new Error(`POST rules: ${String(answer.status)} ${answer.text}`);
    return answer.body.id;
  }

  /** Somebody writes to the account; gives the person and the delivery, which must have been taken, at the latest when it is delivered again. */
  async write(
    account: TestAccount,
    text: string,
    { person = newIgsid(), mid = newMid(), ...options }: DeliverOptions & { person?: string; mid?: string } = {},
  ): Promise<{ person: string; mid: string; posted: Posted }> {
    const item = textEvent({ accountId: account.id, person, mid }, text);
    const body = deliveryOf(entryOf(account.id, [item]));
    let posted = await this.meta.deliver(account.id, body, options);
    for (let again = 0; posted.status === 503 && again < MOST_REDELIVERIES; again++) {
      await delay(COME_BACK_MS);
      posted = await this.meta.deliver(account.id, body, options);
    }
    if (posted.status !== 200) throw new Error(`The delivery was answered ${String(posted.status)} ${posted.text}`);
    return { person, mid, posted };
  }

  /** The conversation's messages, oldest first; none where it does not exist. */
  async messages(account: TestAccount, person: string): Promise<MessageView[]> {
    const path = `/accounts/${account.id}/conversations/${account.id}:${person}`;
    const found = await this.service.api('GET', path);
    if (found.status === 404) return [];
    return (await this.service.list<MessageView>(`${path}/messages`)).reverse();
  }

  async events(account: TestAccount, query = ''): Promise<EventView[]> {
    return await this.service.list<EventView>(`/accounts/${account.id}/events${query}`);
  }

  conversation<T = Record<string, unknown>>(account: TestAccount, person: string): Promise<ApiAnswer<T>> {
    return this.service.api<T>('GET', `/accounts/${account.id}/conversations/${account.id}:${person}`);
  }

  /** Until the service has sent what it owes this person: the replies that went out, in order. */
  async replies(account: TestAccount, person: string, count: number): Promise<MessageView[]> {
    return await eventually(
      `${String(count)} replies to ${person}`,
      async () => {
        const outbound = (await this.messages(account, person)).filter((message) => message.direction === 'outbound');
        return { outbound, pending: await this.events(account, '?status=pending') };
      },
      ({ outbound }) => outbound.length >= count && outbound.every((message) => message.status === 'sent'),
    ).then(({ outbound }) => outbound);
  }

  /** Until nothing of the account waits any more: every echo delivered, every event processed, every message sent or given up. */
  async quiet(account: TestAccount, seconds = 30): Promise<void> {
    // Twice: what was sent last may have had its echo after the first look.
    for (let times = 0; times < 2; times++) {
      await this.meta.settled();
      await eventually(`quiet of ${account.id}`, () => this.unsettled(account), (waiting) => waiting.length === 0, seconds);
    }
  }

  /** The same for all accounts, where there are too many conversations to look at each. Health tells what stood 2 s ago. */
  async drained(seconds = 60): Promise<void> {
    for (let times = 0; times < 2; times++) {
      await this.meta.settled();
      await delay(HEALTH_IS_FRESH_AFTER_MS);
      await eventually('an empty backlog', () => this.backlog(), ({ inbox, outbox }) => inbox.depth + outbox.depth === 0, seconds);
    }
  }

  private async unsettled(account: TestAccount): Promise<unknown[]> {
    const pending = await this.events(account, '?status=pending');
    return pending.length > 0 ? pending : await this.service.list(`/accounts/${account.id}/outbox`);
  }

  private async backlog(): Promise<Backlog> {
    const answer = await fetch(`${this.service.url}/health`);
    const health = (await answer.json()) as { details: { backlog: Backlog } };
    return health.details.backlog;
  }

  /** What this person was sent, as Meta saw it. */
  sentTo(person: string): string[] {
    return this.meta.accepted.filter((send) => send.recipientId === person).map((send) => send.text ?? '');
  }
}
