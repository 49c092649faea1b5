import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { idText, readDelivered, timeOf, type DeliveredItem } from './delivered.js';
import { deliveryOf, entryOf } from './delivery.js';
import type { Call, EchoOrder, Failure } from './failure-plan.js';
import { GraphApi, type RecordedCall } from './graph-api.js';
import { GraphServer } from './graph-server.js';
import type { RecordedSend, SentMessage } from './graph-sends.js';
import { asRecord, listOf } from './json-shapes.js';
import { echoEvent } from './message-events.js';
import { MetaDirectory, type MetaAccount, type Person } from './meta-account.js';
import { MetaComments } from './meta-comments.js';
import { MetaConversations } from './meta-conversations.js';
import type { TokenTimes } from './meta-token.js';
import { WebhookClient, type Answer, type DeliverOptions, type Posted } from './webhook-client.js';

export interface LocalMetaOptions {
  /** 0, the default: any free port. */
  readonly port?: number;
  /** Default `after`. */
  readonly echo?: EchoOrder;
  /** How long `after` is. Default 1 ms. */
  readonly echoDelayMs?: number;
  /** How often an echo that is not answered 200 is delivered. Default 12. */
  readonly echoAttempts?: number;
  /** Asked about each call for which nothing was ordered with `failNext`; null: it is answered as usual. */
  readonly faults?: (call: Call) => Failure | null;
  /** Reads of conversations and their messages that an account may make in any second. Default 2, as Meta's. */
  readonly conversationReadsPerSecond?: number;
  /** What a token gets that nobody here has. Default `refused`: error 190, after which a service gives the token up. */
  readonly unknownTokens?: 'refused' | 'unavailable';
}

export interface Counts {
  deliveries: number;
  /** By HTTP status of the answer. */
  answers: Record<number, number>;
  echoes: number;
  sends: number;
  accepted: number;
}

const ECHO_ATTEMPTS = 12;
const CONVERSATION_READS_PER_SECOND = 2;

/** A stand-in of Meta on this machine: calls webhooks as Instagram does, and answers as the Graph API does. */
export class LocalMeta {
  private readonly directory = new MetaDirectory();
  private readonly conversations = new MetaConversations();
  private readonly comments = new MetaComments();
  private readonly client = new WebhookClient();
  private readonly graph: GraphApi;
  private readonly secrets = new Map<string, string>();
  private readonly echoes = new Set<Promise<void>>();
  private readonly closing = new AbortController();
  private readonly counted: Omit<Counts, 'sends' | 'accepted'> = { deliveries: 0, answers: {}, echoes: 0 };
  private server: GraphServer | null = null;

  private echo: EchoOrder;

  private constructor(private readonly options: LocalMetaOptions) {
    this.echo = options.echo ?? 'after';
    const {
      faults = () => null, conversationReadsPerSecond = CONVERSATION_READS_PER_SECOND, unknownTokens = 'refused',
    } = options;
    this.graph = new GraphApi(
      this.directory, this.conversations, this.comments, { faults, conversationReadsPerSecond, unknownTokens },
      (sent, failure) => this.echoOf(sent, failure),
    );
    // A burst that is refused leaves one waiting redelivery for each of its deliveries.
    setMaxListeners(0, this.closing.signal);
  }

  static async start(options: LocalMetaOptions = {}): Promise<LocalMeta> {
    const meta = new LocalMeta(options);
    meta.server = await GraphServer.listen(options.port ?? 0, (request) => meta.graph.handle(request));
    return meta;
  }

  /** For `GRAPH_API_BASE_URL`. */
  get graphUrl(): string {
    return `http://127.0.0.1:${String(this.server?.port ?? 0)}`;
  }

  /** An app with one callback address for all its accounts: `deliver(callbackUrl, …)` signs with its secret. */
  addApp(app: { appSecret: string; callbackUrl: string }): void {
    this.secrets.set(app.callbackUrl, app.appSecret);
  }

  /** Adding an account again replaces it, for instance to move its callback address. */
  addAccount(account: MetaAccount): void {
    this.directory.addAccount(account);
  }

  /** Somebody's profile. Who writes without one is given a name made of the id. */
  addPerson(accountId: string, person: Person): void {
    this.directory.addPerson(accountId, person);
  }

  /** Another token of the account; the ones it has stay good. */
  addToken(accountId: string, token: string, times?: TokenTimes): void {
    this.directory.addToken(accountId, token, times);
  }

  /** Every token the account has had, refreshed ones included. */
  tokensOf(accountId: string): string[] {
    return this.directory.tokensOf(accountId);
  }

  /** From now on every call with it answers error 190. */
  revokeToken(token: string, subcode?: number): void {
    this.directory.token(token)?.revoke(subcode);
  }

  /** What the account's app is subscribed to; undefined: it is not. */
  subscribedFields(accountId: string): readonly string[] | undefined {
    return this.directory.subscribedFields(accountId);
  }

  /** As Meta does by itself after an hour of failed deliveries. */
  unsubscribe(accountId: string): void {
    this.directory.unsubscribe(accountId);
  }

  /** The account's app lacks the permission for these fields: a subscription that asks for one is refused as a whole. */
  refuseFields(accountId: string, fields: readonly string[]): void {
    this.directory.refuseFields(accountId, fields);
  }

  /** The verification request; `challenge` is what the answer's text must be. */
  async handshake(target: string, verifyToken: string, mode = 'subscribe'): Promise<Answer & { challenge: string }> {
    const challenge = String(Math.floor(1e9 + Math.random() * 9e9));
    const query = new URLSearchParams({
      'hub.mode': mode,
      'hub.challenge': challenge,
      'hub.verify_token': verifyToken,
    });
    return { ...(await this.client.get(`${this.targetOf(target).url}?${query.toString()}`)), challenge };
  }

  /**
   * Posts a signed delivery to an account's callback address (or to an app's, or to any address with `options.secret`).
   * @param body an object is written as Meta writes it; a Buffer goes out as it is
   */
  async deliver(target: string, body: unknown, options: DeliverOptions = {}): Promise<Posted> {
    const { url, secret } = this.targetOf(target);
    if (options.secret === undefined && options.signature === undefined) this.note(body);
    return this.count(await this.client.post(url, body, secret, options));
  }

  /** The same bytes with the same signature once more, as Meta does when it was not sure of the 200. */
  async redeliver(posted: Pick<Posted, 'url' | 'bytes' | 'signature'>): Promise<Posted> {
    return this.count(await this.client.postBytes(posted.url, posted.bytes, posted.signature));
  }

  /** Delivers until the answer is 200, with pauses that grow, as Meta does for hours. */
  async deliverUntilAccepted(target: string, body: unknown, attempts = ECHO_ATTEMPTS): Promise<Posted> {
    const { url, secret } = this.targetOf(target);
    this.note(body);
    for (let made = 1; ; made++) {
      try {
        const posted = this.count(await this.client.post(url, body, secret));
        if (posted.status === 200 || made >= attempts) return posted;
      } catch (error) {
        if (made >= attempts) throw error;
      }
      await delay(Math.min(3000, 50 * 2 ** made), undefined, { signal: this.closing.signal });
    }
  }

  /** The next call that fits fails so; several orders are met in turn. */
  failNext(failure: Failure): void {
    this.graph.failures.add(failure);
  }

  clearFailures(): void {
    this.graph.failures.clear();
  }

  echoSends(order: EchoOrder): void {
    this.echo = order;
  }

  /** Every `POST …/messages` with a good token, refused ones included, in order of arrival. */
  get sends(): readonly RecordedSend[] {
    return this.graph.sends.recorded;
  }

  /** The sends that went out. */
  get accepted(): readonly RecordedSend[] {
    return this.sends.filter((send) => send.mid !== null);
  }

  /** The `sender_action`s that were taken: typing, reactions. No message comes of them. */
  get actions(): readonly RecordedSend[] {
    return this.sends.filter((send) => send.action !== null && send.status === 200);
  }

  /** Every call of the Graph API, wrong tokens included. */
  get calls(): readonly RecordedCall[] {
    return this.graph.calls;
  }

  get counts(): Counts {
    return { ...this.counted, sends: this.sends.length, accepted: this.accepted.length };
  }

  /** Until every echo has been delivered (or given up). */
  async settled(): Promise<void> {
    while (this.echoes.size > 0) await Promise.all(this.echoes);
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.client.close();
    await this.settled();
    await this.server?.close();
  }

  private async echoOf(sent: SentMessage, failure: Failure | null): Promise<void> {
    const order = failure?.echo ?? this.echo;
    if (order === 'never') return;
    const { account, recipientId, mid, at, content } = sent;
    const item = echoEvent({ accountId: account.id, person: recipientId, mid, at }, content);
    const isLater = order === 'after';
    const { echoDelayMs = 1, echoAttempts = ECHO_ATTEMPTS } = this.options;
    const echoed = delay(failure?.echoDelayMs ?? (isLater ? echoDelayMs : 0))
      .then(() => this.deliverUntilAccepted(account.id, deliveryOf(entryOf(account.id, [item])), echoAttempts))
      .then(() => {
        this.counted.echoes += 1;
      })
      .catch(() => undefined) // nobody there to hear it: Meta gives up as well
      .finally(() => this.echoes.delete(echoed));
    this.echoes.add(echoed);
    if (!isLater) await echoed;
  }

  /** What the account's people did: the Conversations API tells it afterwards, and it opens the 24-hour window. */
  private note(body: unknown): void {
    const { items, comments } = readDelivered(body);
    for (const item of items) this.noteItem(item);
    for (const { accountId, id, author } of comments) this.comments.note(accountId, id, author, new Date());
  }

  private noteItem({ accountId, item }: DeliveredItem): void {
    const sender = idText(asRecord(item['sender'])['id']);
    const recipient = idText(asRecord(item['recipient'])['id']);
    if (sender === null || recipient === null) return;
    const person = sender === accountId ? recipient : sender;
    this.directory.meet(accountId, person);
    const at = timeOf(item['timestamp']);
    const { mid, text, attachments } = asRecord(item['message']);
    if (typeof mid === 'string') {
      const message = { mid, from: sender, to: recipient, text: typeof text === 'string' ? text : null, at };
      this.conversations.record(accountId, person, { ...message, attachments: listOf(attachments) });
    } else if (sender === person && ('postback' in item || 'reaction' in item || 'referral' in item)) {
      this.conversations.openWindow(accountId, person, at);
    }
  }

  private count(posted: Posted): Posted {
    this.counted.deliveries += 1;
    this.counted.answers[posted.status] = (this.counted.answers[posted.status] ?? 0) + 1;
    return posted;
  }

  private targetOf(target: string): { url: string; secret: string } {
    const account = this.directory.account(target);
    if (account) return { url: account.callbackUrl, secret: account.appSecret };
    if (!/^https?:/.test(target)) throw new Error(`The local Meta knows no account ${target}`);
    return { url: target, secret: this.secrets.get(target) ?? '' };
  }
}
