import { setTimeout as delay } from 'node:timers/promises';
import { AccountEdges } from './account-edges.js';
import { FailurePlan, isAcceptedAllTheSame, type Call, type Endpoint, type Failure } from './failure-plan.js';
import { NO_SUCH_OBJECT, TOO_MANY_CALLS, WRONG_TOKEN, errorAnswer, type GraphAnswer } from './graph-error.js';
import { GraphReads } from './graph-reads.js';
import { GraphSends, sendAnswer, type SentMessage } from './graph-sends.js';
import type { GraphRequest, Reaction } from './graph-server.js';
import { asRecord } from './json-shapes.js';
import type { MetaAccount, MetaDirectory } from './meta-account.js';
import type { MetaComments } from './meta-comments.js';
import type { MetaConversations } from './meta-conversations.js';

/** A call of the Graph API, as a test may ask about it. */
export interface RecordedCall {
  readonly endpoint: Endpoint | 'unknown';
  readonly method: string;
  /** Without the version. */
  readonly path: string;
  /** `v26.0`, or null where the path had none. */
  readonly version: string | null;
  /** Whose token it came with, also when that is no longer good. */
  readonly accountId: string | null;
  /** The error code of the answer to a token that is not good (any more). */
  readonly refused: number | null;
  readonly tokenInUrl: boolean;
  readonly at: Date;
}

export interface GraphOptions {
  readonly faults: (call: Call) => Failure | null;
  readonly conversationReadsPerSecond: number;
  /** To a token nobody has: error 190, or 503 from a stand-in that does not know all of the service's accounts. */
  readonly unknownTokens: 'refused' | 'unavailable';
}

/** Answers as graph.instagram.com does, or as it was told to fail. */
export class GraphApi {
  readonly calls: RecordedCall[] = [];
  readonly failures: FailurePlan;
  readonly sends: GraphSends;
  private readonly reads: GraphReads;
  private readonly edges: AccountEdges;
  private readonly readTimes = new Map<string, number[]>();

  constructor(
    private readonly directory: MetaDirectory,
    conversations: MetaConversations,
    comments: MetaComments,
    private readonly options: GraphOptions,
    /** Called when a message has gone out, and waited for before the caller is answered. */
    private readonly onSent: (sent: SentMessage, failure: Failure | null) => Promise<void>,
  ) {
    this.failures = new FailurePlan(options.faults);
    this.sends = new GraphSends(conversations, comments);
    this.reads = new GraphReads(directory, conversations);
    this.edges = new AccountEdges(directory);
  }

  async handle(request: GraphRequest): Promise<Reaction> {
    const token = this.directory.token(request.token ?? '');
    const account = token && this.directory.account(token.accountId);
    const refusal = token ? token.refusal(new Date()) : WRONG_TOKEN;
    const endpoint = endpointOf(request);
    this.calls.push({
      endpoint: endpoint ?? 'unknown',
      method: request.method,
      path: `/${request.path.join('/')}`,
      version: request.version,
      accountId: account?.id ?? null,
      refused: refusal?.code ?? null,
      tokenInUrl: request.tokenInUrl,
      at: new Date(),
    });
    if (!account && this.options.unknownTokens === 'unavailable') return UNAVAILABLE;
    if (!account || refusal) return errorAnswer(refusal ?? WRONG_TOKEN);
    if (endpoint === null) return errorAnswer(NO_SUCH_OBJECT);
    const failure = this.failures.take(callOf(endpoint, account, request));
    if (failure?.delayMs !== undefined) await delay(failure.delayMs);
    if (isConversationRead(endpoint) && !this.mayRead(account.id)) return errorAnswer(TOO_MANY_CALLS);
    const reaction = endpoint === 'messages'
      ? await this.send(account, request, failure)
      : (planned(failure) ?? this.answer(endpoint, account, request));
    if (failure?.answerDelayMs !== undefined) await delay(failure.answerDelayMs);
    return reaction;
  }

  /** Meta's limit of the Conversations API; calls beyond it are answered with an error, and count too. */
  private mayRead(accountId: string): boolean {
    const now = performance.now();
    const recent = (this.readTimes.get(accountId) ?? []).filter((at) => at > now - 1000);
    this.readTimes.set(accountId, [...recent, now]);
    return recent.length < this.options.conversationReadsPerSecond;
  }

  private async send(account: MetaAccount, request: GraphRequest, failure: Failure | null): Promise<Reaction> {
    if (!this.isSelf(account, request.path[0])) return errorAnswer(NO_SUCH_OBJECT);
    const goesOut = failure === null || isAcceptedAllTheSame(failure);
    const taken = this.sends.take(account, request.body, goesOut);
    const { sent } = taken;
    const reaction = planned(failure) ?? sendAnswer(taken);
    this.sends.record(account, request.token ?? '', request.body, sent, typeof reaction === 'string' ? null : reaction);
    if (sent) await this.onSent(sent, failure);
    return reaction;
  }

  private answer(endpoint: Exclude<Endpoint, 'messages'>, account: MetaAccount, request: GraphRequest): GraphAnswer {
    const [first = '', second] = request.path;
    if (second !== undefined && !this.isSelf(account, first)) return errorAnswer(NO_SUCH_OBJECT);
    switch (endpoint) {
      case 'me':
        return this.reads.me(account, request.query);
      case 'conversations':
        return second === undefined
          ? (this.reads.conversation(account, first, request.query) ?? errorAnswer(NO_SUCH_OBJECT))
          : this.reads.listConversations(account, request.query);
      case 'profile':
        return this.isSelf(account, first)
          ? this.reads.me(account, request.query)
          : this.reads.profile(account, first, request.query);
      case 'message':
        return (
          this.reads.conversation(account, first, request.query) ?? this.reads.message(account, first, request.query)
        );
      case 'subscribed_apps':
        return this.edges.subscriptions(account, request);
      case 'refresh':
        return this.edges.refresh(account, request);
    }
  }

  private isSelf(account: MetaAccount, id: string | undefined): boolean {
    return id === 'me' || id === account.id || id === this.directory.appScopedId(account);
  }
}

const UNAVAILABLE: GraphAnswer = { status: 503, headers: {}, body: '<html><body>Service Unavailable</body></html>' };

function endpointOf({ method, path }: GraphRequest): Endpoint | null {
  const [first, second] = path;
  if (first === undefined || path.length > 2) return null;
  if (second === 'messages') return method === 'POST' ? 'messages' : null;
  if (second === 'conversations') return 'conversations';
  if (second === 'subscribed_apps') return 'subscribed_apps';
  if (second !== undefined || method !== 'GET') return null;
  if (first === 'refresh_access_token') return 'refresh';
  if (first === 'me') return 'me';
  if (/^\d+$/.test(first)) return 'profile';
  return isConversationId(first) ? 'conversations' : 'message';
}

function isConversationRead(endpoint: Endpoint): boolean {
  return endpoint === 'conversations' || endpoint === 'message';
}

function isConversationId(id: string): boolean {
  return /^\d+:.+$/.test(Buffer.from(id, 'base64url').toString('utf8'));
}

function callOf(endpoint: Endpoint, account: MetaAccount, { path, query, body }: GraphRequest): Call {
  const recipientId = asRecord(asRecord(body)['recipient'])['id'];
  const text = asRecord(asRecord(body)['message'])['text'];
  const other = endpoint === 'profile' ? path[0] : (query.get('user_id') ?? undefined);
  return {
    endpoint,
    accountId: account.id,
    recipientId: typeof recipientId === 'string' ? recipientId : other,
    text: typeof text === 'string' ? text : undefined,
  };
}

/** What a planned failure answers; null: nothing planned, or only a delay. */
function planned(failure: Failure | null): Reaction | null {
  if (failure === null || failure.mode === 'delay') return null;
  if (failure.mode === 'timeout') return 'silence';
  if (failure.mode === 'drop') return 'reset';
  const headers = throttleHeaders(failure);
  if (failure.mode === 'status') {
    return { status: failure.status ?? 502, headers, body: '<html><body>Bad Gateway</body></html>' };
  }
  const { code = 2, subcode, status, transient } = failure;
  return errorAnswer({ code, subcode, status, transient }, headers);
}

function throttleHeaders({ regainMinutes, retryAfterSeconds, appUsagePercent, accountId }: Failure): Record<string, string> {
  const usage = [
    {
      type: 'messenger',
      call_count: 100,
      total_cputime: 10,
      total_time: 10,
      estimated_time_to_regain_access: regainMinutes,
    },
  ];
  return {
    ...(regainMinutes === undefined
      ? {}
      : { 'x-business-use-case-usage': JSON.stringify({ [accountId ?? 'business']: usage }) }),
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    ...(appUsagePercent === undefined
      ? {}
      : { 'x-app-usage': JSON.stringify({ call_count: appUsagePercent, total_time: 5, total_cputime: 5 }) }),
  };
}
