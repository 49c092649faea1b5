import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../common/errors.js';
import {
  LocalMeta,
  adReferralEvent,
  attachmentEvent,
  deliveryOf,
  entryOf,
  newIgsid,
  postbackEvent,
  quickReplyEvent,
  sharedPostEvent,
  stickerEvent,
  storyMentionEvent,
  storyReplyEvent,
  textEvent,
  type Address,
  type MessagingItem,
  type Posted,
} from '../local-meta/index.js';
import { CommandError } from './command-error.js';
import { print, remark } from './output.js';

export interface SimulatedAccount {
  readonly id: string;
  readonly username: string;
  readonly isActive: boolean;
  readonly accessToken: string;
  readonly appSecret: string;
  readonly verifyToken: string;
}

export interface SimulationPlan {
  readonly messages: number;
  readonly people: number;
  readonly text?: readonly string[];
  /** Seconds without a new reply until it is over. */
  readonly wait: number;
}

export interface SimulationResult {
  readonly delivered: number;
  readonly acknowledged: number;
  readonly redelivered: number;
  readonly replies: number;
  readonly forgedStatus: number;
  readonly milliseconds: number;
}

const AT_ONCE = 32;
const REDELIVER_EVERY = 5;
const SHOWN_REPLIES = 20;

const MIXTURE: readonly ((to: Address) => MessagingItem)[] = [
  (to) => textEvent(to, 'Hello! What are your opening hours?'),
  (to) => quickReplyEvent(to, 'Yes, please', 'YES'),
  (to) => attachmentEvent(to, [{ type: 'image', payload: { url: 'https://cdn.example/photo.jpg' } }]),
  (to) => postbackEvent(to, 'Get started', 'START'),
  (to) => textEvent(to, 'Olá, quanto custa? ☕️😀'),
  (to) => stickerEvent(to),
  (to) => storyReplyEvent(to, 'Lovely!', { id: '17880000000000001', url: 'https://cdn.example/story.jpg' }),
  (to) => storyMentionEvent(to, 'https://cdn.example/story.jpg'),
  (to) => adReferralEvent(to, 'Is this still available?', { ad_id: '120210000000000001', ref: 'spring' }),
  (to) => sharedPostEvent(to, { id: '17880000000000002', url: 'https://cdn.example/post' }),
];

/** Meta's part in a conversation of invented people with a real account of a running service. */
export class Simulation {
  private constructor(
    private readonly meta: LocalMeta,
    private readonly account: SimulatedAccount,
    private readonly callbackUrl: string,
  ) {}

  static async start(account: SimulatedAccount, serviceUrl: string, graphPort: number): Promise<Simulation> {
    if (!account.isActive)
      throw new CommandError(`The account ${account.username} is inactive: nothing would be answered.`);
    // It knows this account alone, and the service may care for others: to those it is a Meta that is away, not one that
    // refuses their tokens. And no token of the real Meta is to be replaced by an invented one.
    const meta = await LocalMeta.start({ port: graphPort, unknownTokens: 'unavailable' }).catch((error: unknown) => {
      throw new CommandError(`The port of GRAPH_API_BASE_URL cannot be listened on: ${messageOf(error)}`);
    });
    meta.failNext({ on: 'refresh', mode: 'status', status: 503, times: Infinity });
    const callbackUrl = `${serviceUrl}/webhooks/instagram/${account.id}`;
    meta.addAccount({ ...account, callbackUrl });
    return new Simulation(meta, account, callbackUrl);
  }

  async shakeHands(): Promise<void> {
    const answer = await this.meta.handshake(this.account.id, this.account.verifyToken).catch((error: unknown) => {
      const { code } = error as NodeJS.ErrnoException;
      throw new CommandError(`No service answers at ${this.callbackUrl} (${code ?? messageOf(error)}).`);
    });
    if (answer.status !== 200 || answer.text !== answer.challenge) {
      throw new CommandError(
        `${this.callbackUrl} answered the handshake with ${String(answer.status)}: is it this service, on the same database?`,
      );
    }
    remark(`Handshake with ${this.callbackUrl}: ok`);
  }

  async play(plan: SimulationPlan): Promise<SimulationResult> {
    const items = this.itemsOf(plan);
    const began = Date.now();
    const posted = await this.deliverAll(items);
    const milliseconds = Date.now() - began;
    const again = posted.filter((one, index) => one !== null && index % REDELIVER_EVERY === 0);
    for (const one of again) if (one) await this.meta.redeliver(one);
    const lie = deliveryOf(
      entryOf(this.account.id, [textEvent({ accountId: this.account.id, person: newIgsid() }, 'forged')]),
    );
    const forged = await this.meta.deliver(this.account.id, lie, { secret: 'not the app secret' });
    await this.untilQuiet(plan.wait * 1000);
    await this.meta.settled();
    return {
      delivered: items.length,
      acknowledged: posted.filter((one) => one?.status === 200).length,
      redelivered: again.length,
      replies: this.meta.accepted.length,
      forgedStatus: forged.status,
      milliseconds,
    };
  }

  async stop(): Promise<void> {
    await this.meta.close();
  }

  private itemsOf(plan: SimulationPlan): MessagingItem[] {
    const people = Array.from({ length: plan.people }, newIgsid);
    return Array.from({ length: plan.messages }, (_, index) => {
      const to = { accountId: this.account.id, person: people[index % people.length] ?? newIgsid() };
      const text = plan.text?.[index % plan.text.length];
      return text === undefined
        ? (MIXTURE[index % MIXTURE.length]?.(to) ?? textEvent(to, 'Hello'))
        : textEvent(to, text);
    });
  }

  /** In the order given by each person; null where no answer came. */
  private async deliverAll(items: readonly MessagingItem[]): Promise<(Posted | null)[]> {
    const posted: (Posted | null)[] = [];
    for (let at = 0; at < items.length; at += AT_ONCE) {
      const batch = items.slice(at, at + AT_ONCE).map((item) => deliveryOf(entryOf(this.account.id, [item])));
      posted.push(
        ...(await Promise.all(batch.map((body) => this.meta.deliver(this.account.id, body).catch(() => null)))),
      );
    }
    return posted;
  }

  private async untilQuiet(patienceMs: number): Promise<void> {
    let seen = 0;
    let lastNews = Date.now();
    while (Date.now() - lastNews < patienceMs) {
      const replies = this.meta.accepted;
      if (replies.length > seen) lastNews = Date.now();
      for (const { recipientId, text } of replies.slice(seen, SHOWN_REPLIES))
        print(`→ ${recipientId ?? ''}: ${text ?? '(attachment)'}`);
      if (seen <= SHOWN_REPLIES && replies.length > SHOWN_REPLIES) print('→ …');
      seen = replies.length;
      await delay(100);
    }
  }
}
