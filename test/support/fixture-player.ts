import { randomBytes } from 'node:crypto';
import { deliveriesOf, Filling, FIXTURE_ACCOUNTS, type Expected, type Fixture } from './fixtures.js';
import { eventually, type RunningService } from './running-service.js';
import type { EventView, NewRule, Stage, TestAccount } from './stage.js';

/** One answer for each trigger, each with words of its own, so that a fixture's reply names the rule. */
export const SHOP_RULES: readonly NewRule[] = [
  { priority: 10, triggerType: 'postback', triggerValue: 'START', responseTemplate: 'Welcome!' },
  { priority: 20, triggerType: 'quick_reply', triggerValue: 'YES', responseTemplate: 'Great!' },
  { priority: 30, triggerType: 'story_reply', responseTemplate: 'Glad you like the story' },
  { priority: 40, triggerType: 'story_mention', responseTemplate: 'Thanks for the mention' },
  { priority: 50, triggerType: 'reaction', triggerValue: 'love', responseTemplate: 'We love you too' },
  { priority: 60, triggerType: 'referral', responseTemplate: 'Welcome from the link' },
  { priority: 70, triggerType: 'comment', triggerValue: 'price', responseTemplate: 'Prices are in your inbox, {{ username }}' },
  { priority: 80, triggerType: 'contains', triggerValue: 'hours', responseTemplate: 'From 9 to 17' },
  { priority: 900, triggerType: 'any', responseTemplate: 'Thank you' },
];

/** A fixture that has been played, and where to look for what became of it. */
interface Played {
  readonly fixture: Fixture;
  readonly filling: Filling;
  readonly shop: TestAccount;
  /** What Meta was answered to each of its deliveries. */
  readonly answers: readonly string[];
}

interface EventSeen extends EventView {
  readonly occurredAt: string;
  readonly decision: { readonly queued: readonly string[]; readonly stopped: string | null } | null;
}

interface UnroutedSeen {
  readonly kind: string;
  readonly reason: string;
  readonly payload: unknown;
}

const AT_ONCE = 8;

/** Plays fixtures on one running service, each with persons, mids and times of its own. */
export class FixturePlayer {
  private readonly played = new Map<string, Played>();
  private readonly failed = new Map<string, unknown>();
  private unrouted: readonly UnroutedSeen[] = [];
  private readonly events = new Map<string, readonly EventSeen[]>();
  private readonly conversations = new Map<string, object>();

  private constructor(
    private readonly stage: Stage,
    private readonly appSecret: string,
    private readonly shop: TestAccount,
    private readonly sibling: TestAccount,
    private readonly otherApp: TestAccount,
  ) {}

  static async open(stage: Stage): Promise<FixturePlayer> {
    const appSecret = randomBytes(16).toString('hex');
    const shop = await addShop(stage, appSecret);
    const sibling = await stage.addAccount({}, appSecret);
    await stage.addRule(sibling, { responseTemplate: 'Thank you from next door' });
    return new FixturePlayer(stage, appSecret, shop, sibling, await stage.addAccount());
  }

  /** Delivers all of them, waits until nothing is left to do, and looks at what stands then. */
  async play(fixtures: readonly Fixture[]): Promise<void> {
    const waiting = [...fixtures];
    const workers = Array.from({ length: AT_ONCE }, async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) await this.tryToDeliver(next, fixtures);
    });
    await Promise.all(workers);
    const accounts = new Map([this.shop, this.sibling, this.otherApp].map((account) => [account.id, account]));
    for (const { shop } of this.played.values()) accounts.set(shop.id, shop);
    for (const account of accounts.values()) await this.stage.quiet(account);
    this.unrouted = await this.service.list<UnroutedSeen>('/events/unrouted');
    for (const id of accounts.keys()) {
      this.events.set(id, (await this.service.list<EventSeen>(`/accounts/${id}/events`)).reverse());
      for (const conversation of await this.service.list<{ id: string }>(`/accounts/${id}/conversations`)) {
        this.conversations.set(conversation.id, conversation);
      }
    }
  }

  /** What must have come of it, and what has, in one form, to be compared. */
  async outcome(name: string): Promise<{ expected: unknown; seen: unknown }> {
    const played = this.played.get(name);
    if (!played) throw new Error(`${name} was not played`, { cause: this.failed.get(name) });
    const expected = played.filling.expectation(played.fixture.expected);
    return {
      expected: {
        answers: played.answers.map(() => '200 EVENT_RECEIVED'),
        events: expected.events.map((event) => ({
          account: event.account ?? played.shop.id, kind: event.kind, status: event.status ?? 'processed', answered: event.answered ?? false,
          ...(event.stopped === undefined ? {} : { stopped: event.stopped }),
          ...(event.occurredAt === undefined ? {} : { occurredAt: event.occurredAt }),
        })),
        conversations: withDefaults(expected.conversations),
        sent: expected.sent.map(({ to, text, comment, account }) => ({ account: account ?? played.shop.id, to, text, comment: comment ?? null })),
        unrouted: expected.unrouted ?? [],
      },
      seen: {
        answers: played.answers,
        events: this.eventsOf(played, expected),
        conversations: await this.conversationsOf(played, expected),
        sent: this.sentOf(played),
        unrouted: this.unrouted
          .filter(({ payload }) => names(played, payload))
          .map(({ kind, reason }) => ({ kind, reason }))
          .sort((a, b) => order(a.reason, b.reason)),
      },
    };
  }

  private get service(): RunningService {
    return this.stage.service;
  }

  /** What one of them meets must not keep the others from being played. */
  private async tryToDeliver(fixture: Fixture, all: readonly Fixture[]): Promise<void> {
    try {
      await this.deliver(fixture, all);
    } catch (error) {
      this.failed.set(fixture.name, error);
    }
  }

  private async deliver(fixture: Fixture, all: readonly Fixture[]): Promise<void> {
    const { account: fields, alone } = fixture.expected;
    const shop = fields === undefined && alone !== true ? this.shop : await addShop(this.stage, this.appSecret, fields);
    const filling = new Filling({
      [FIXTURE_ACCOUNTS.shop]: shop.id, [FIXTURE_ACCOUNTS.sibling]: this.sibling.id, [FIXTURE_ACCOUNTS.otherApp]: this.otherApp.id,
    });
    const answers: string[] = [];
    for (const body of deliveriesOf(fixture, all)) {
      if (answers.length > 0) await this.settled(shop, filling);
      const { status, text } = await this.stage.meta.deliver(shop.id, Buffer.from(filling.fill(body)));
      answers.push(`${String(status)} ${text}`);
    }
    this.played.set(fixture.name, { fixture, filling, shop, answers });
  }

  /** What came before has taken effect: else it and what comes next would be taken as one, by their times. */
  private async settled(shop: TestAccount, { ids }: Filling): Promise<void> {
    const pending = () => this.stage.events(shop, '?status=pending');
    await eventually('what came before', pending, (events) => !events.some(({ payload }) => holds(ids, payload)));
  }

  private eventsOf(played: Played, expected: Expected): unknown[] {
    const ownSends = new Set(this.stage.meta.accepted.map((send) => send.mid));
    const all = [played.shop, this.sibling].flatMap((account) => (this.events.get(account.id) ?? []).map((event) => ({ account: account.id, event })));
    return all
      .filter(({ account, event }) => names(played, event.payload) || (isAlone(played) && account === played.shop.id))
      .filter(({ event }) => !(event.kind === 'echo' && ownSends.has(midOf(event.payload))))
      .map(({ account, event }, index) => ({
        account, kind: event.kind, status: event.status, answered: (event.decision?.queued.length ?? 0) > 0,
        ...shown(expected.events[index]?.stopped, event.decision?.stopped ?? null),
        ...(expected.events[index]?.occurredAt === undefined ? {} : { occurredAt: event.occurredAt }),
      }));
  }

  private async conversationsOf(played: Played, expected: Expected): Promise<Record<string, unknown>> {
    const seen: Record<string, unknown> = {};
    // Of every person in it, at every account: those that are not expected must not be there.
    const persons = played.filling.ids.filter((id) => /^9\d{15}$/.test(id));
    for (const account of [played.shop, this.sibling, this.otherApp]) {
      for (const person of persons) {
        const id = `${account.id}:${person}`;
        const found = this.conversations.get(id);
        if (found === undefined) continue;
        const wanted = expected.conversations[id];
        const messages = await this.stage.messages(account, person);
        seen[id] = {
          ...pick(found, wanted, CONVERSATION_DEFAULTS(0)),
          messages: messages.map((message, index) => {
            const example = wanted?.messages[index] ?? {};
            return pick(message, example, MESSAGE_DEFAULTS(example.direction ?? message.direction));
          }),
        };
      }
    }
    return seen;
  }

  private sentOf({ filling }: Played): unknown[] {
    const persons = new Set(filling.ids);
    // In their order; of several accounts, one after the other.
    return this.stage.meta.accepted
      .filter((send) => send.recipientId !== null && persons.has(send.recipientId))
      .toSorted((a, b) => Number(a.accountId === this.sibling.id) - Number(b.accountId === this.sibling.id))
      .map((send) => ({ account: send.accountId, to: send.recipientId, text: send.text, comment: send.commentId }));
  }
}

async function addShop(stage: Stage, appSecret: string, fields: Readonly<Record<string, unknown>> = {}): Promise<TestAccount> {
  const shop = await stage.addAccount(fields, appSecret);
  for (const rule of SHOP_RULES) await stage.addRule(shop, rule);
  return shop;
}

function isAlone({ fixture: { expected } }: Played): boolean {
  return expected.alone === true;
}

function names({ filling }: Played, payload: unknown): boolean {
  return holds(filling.ids, payload);
}

function holds(ids: readonly string[], payload: unknown): boolean {
  const text = JSON.stringify(payload);
  return ids.some((id) => text.includes(id));
}

function midOf(payload: unknown): string | null {
  return (payload as { message?: { mid?: string } } | null)?.message?.mid ?? null;
}

/** The words of a reason that the fixture names, where they are in it. */
function shown(wanted: string | undefined, stopped: string | null): { stopped?: string | null } {
  if (wanted === undefined) return {};
  return { stopped: stopped?.includes(wanted) === true ? wanted : stopped };
}

const MESSAGE_DEFAULTS = (direction: unknown): Readonly<Record<string, unknown>> => ({
  ...(direction === 'inbound' ? { status: 'received' } : { status: 'sent', kind: 'text' }),
  attachments: [], reactions: [], readAt: null, editedAt: null, deletedAt: null, error: null,
});
const CONVERSATION_DEFAULTS = (messageCount: number): Readonly<Record<string, unknown>> => ({
  messageCount, automation: { paused: false, pausedUntil: null, reason: null },
});

function withDefaults(conversations: Expected['conversations']): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(conversations).map(([id, { messages, ...fields }]) => [
      id,
      {
        ...CONVERSATION_DEFAULTS(messages.length), ...fields,
        messages: messages.map((message) => ({ ...MESSAGE_DEFAULTS(message.direction), ...message })),
      },
    ]),
  );
}

/** Of what is seen, the fields that are expected; all of it where nothing is. */
function pick(seen: object, wanted: object | undefined, defaults: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if (wanted === undefined) return { ...seen };
  const fields = new Set([...Object.keys(defaults), ...Object.keys(wanted)]);
  return Object.fromEntries(Object.entries(seen).filter(([field]) => fields.has(field)));
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

