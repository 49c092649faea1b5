import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import {
  changesEntryOf, commentChange, deliveryOf, newIgsid, type Failure,
} from '../src/local-meta/index.js';
import { OUTCOMES, type Outcome, type OutcomeRow } from '../src/messaging/graph/outcome-table.js';
import { eachDatabase } from './support/databases.js';
import { eventually } from './support/running-service.js';
import { Stage, type MessageView, type TestAccount } from './support/stage.js';
import { together } from './support/together.js';

interface AccountView {
  readonly tokenStatus: string;
  readonly sendingPausedUntil?: string;
  readonly sendingPausedReason?: string;
}

interface ConversationView {
  readonly windowClosesAt: string | null;
  readonly automation: { readonly paused: boolean; readonly pausedUntil: string | null; readonly reason: string | null };
}

type Kind = Outcome['kind'];

/** Long enough for two messages: what becomes of the second shows whether Graph was asked for it. */
const TWO_PARTS = `${'first '.repeat(160)}${'second '.repeat(20)}`.trim();
const MINUTE_MS = 60_000;
const IDLE_MS = 5_000;

/** A pair for each row, as a 400: the status must not matter. */
const ROWS = OUTCOMES.map((row): [string, OutcomeRow, Failure] => {
  const one = (value: number | { from: number }) => (typeof value === 'number' ? value : value.from);
  const code = row.code === 'any' ? 100 : one(row.code);
  const subcode = row.subcode === null ? undefined : one(row.subcode);
  return [`${String(code)}${subcode === undefined ? '' : `/${String(subcode)}`}: ${row.outcome.kind}`, row, { code, subcode, status: 400 }];
});

const OTHERS: readonly (readonly [name: string, failure: Failure, status: string, calls: number])[] = [
  ['an unlisted code fails', { code: 987654 }, 'failed', 1],
  ['an unlisted code that Meta calls transient is tried again', { code: 987654, transient: true }, 'sent', 2],
  ['an unlisted code with a 5xx may have been delivered: it has', { code: 987654, status: 500, accepted: true }, 'sent', 1],
  ['a proxy’s 502 may hide a delivery: it does', { mode: 'status', status: 502, accepted: true }, 'sent', 1],
  ['… or it does not', { mode: 'status', status: 502 }, 'sent', 2],
  ['a passing error with a 500 is looked up: not delivered', { code: 2, status: 500 }, 'sent', 2],
  ['a connection that breaks after the delivery', { mode: 'drop', accepted: true }, 'sent', 1],
  ['a connection that breaks before it', { mode: 'drop' }, 'sent', 2],
  ['no answer, and delivered', { mode: 'timeout', accepted: true }, 'sent', 1],
  ['a yes without an id', { mode: 'status', status: 200, accepted: true }, 'sent', 1],
  ['a proxy’s 403 is not Instagram’s word', { mode: 'status', status: 403 }, 'failed', 1],
];

const PAUSES: readonly (readonly [name: string, failure: Failure, minutes: number])[] = [
  ['estimated_time_to_regain_access', { code: 80002, regainMinutes: 7 }, 7],
  ['Retry-After', { code: 17, retryAfterSeconds: 180 }, 3],
  ['a used-up X-App-Usage', { code: 613, appUsagePercent: 100 }, 5],
  ['429 without a code', { mode: 'status', status: 429 }, 1],
];

eachDatabase((database) => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open(database.env);
  });

  afterAll(async () => {
    await stage.close();
  });

  /** One account a case. Its token is known to be good, so that nothing else changes its status meanwhile. */
  async function shop(responseTemplate: string, appSecret?: string): Promise<TestAccount> {
    const account = await stage.addAccount({}, appSecret);
    await stage.addRule(account, { responseTemplate });
    await eventually('a valid token', () => show(account), ({ tokenStatus }) => tokenStatus === 'valid', 120);
    return account;
  }

  const show = async (account: TestAccount) => (await stage.service.api<AccountView>('GET', `/accounts/${account.id}`)).body;
  const patch = (account: TestAccount, body: object) => stage.service.api('PATCH', `/accounts/${account.id}`, body);
  const conversation = async (account: TestAccount, person: string) => (await stage.conversation<ConversationView>(account, person)).body;
  const calls = (account: TestAccount) => stage.meta.sends.filter((send) => send.accountId === account.id).length;

  /** Until the replies to this person stand as expected, oldest first. */
  async function replies(account: TestAccount, person: string, ...statuses: string[]): Promise<MessageView[]> {
    return await eventually(
      `${statuses.join(', ')} for ${person}`,
      async () => (await stage.messages(account, person)).filter(({ direction }) => direction === 'outbound'),
      (messages) => messages.map(({ status }) => status).join() === statuses.join() && messages.every(({ status, error }) => status !== 'queued' || error !== null),
      60,
    );
  }

  /** Somebody writes and is answered; the first call that goes out fails as ordered. */
  async function refuse(failure: Failure, responseTemplate = 'reply', appSecret?: string) {
    const account = await shop(responseTemplate, appSecret);
    stage.meta.failNext({ accountId: account.id, ...failure });
    const { person } = await stage.write(account, 'hello');
    return { account, person };
  }

  async function expectPaused(account: TestAccount, minutes: number, reason: string): Promise<void> {
    const { sendingPausedUntil, sendingPausedReason } = await show(account);
    const left = (Date.parse(sendingPausedUntil ?? '') - Date.now()) / MINUTE_MS;
    expect(left).toBeGreaterThan(minutes - 1);
    expect(left).toBeLessThanOrEqual(minutes);
    expect(sendingPausedReason).toContain(reason);
  }

  /** Whoever writes while the account pauses waits without a call, and is answered when somebody has seen to it. */
  async function expectHeldUntilPatched(account: TestAccount, change: object, before: number): Promise<void> {
    const other = await stage.write(account, 'anybody there?');
    await eventually('the reply', () => stage.messages(account, other.person), (messages) => messages.length === 2);
    const since = Date.now();
    // That nothing happens can only be waited for: longer than the process leaves a stopped account alone.
    await eventually('time for several claims', async () => Date.now() - since, (ms) => ms > IDLE_MS);
    expect(calls(account)).toBe(before);
    expect((await patch(account, change)).status).toBe(200);
    await stage.replies(account, other.person, 1);
    expect(await show(account)).not.toHaveProperty('sendingPausedUntil');
  }

  const paths: Record<Kind, (row: OutcomeRow, failure: Failure) => Promise<void>> = {
    sent: async ({ what }, failure) => {
      const account = await shop('reply');
      await stage.addRule(account, { triggerType: 'comment', responseTemplate: 'by direct message' });
      stage.meta.failNext({ accountId: account.id, ...failure });
      const person = newIgsid();
      const change = commentChange({ id: newIgsid(), from: { id: person, username: 'ana' }, text: 'How much?' });
      await stage.meta.deliver(account.id, deliveryOf(changesEntryOf(account.id, [change])));
      const [reply] = await replies(account, person, 'sent');
      expect(reply).toMatchObject({ externalId: null, error: expect.stringContaining(`${what} (`) });
      expect(calls(account)).toBe(1);
    },
    retry: async (_, failure) => {
      const { account, person } = await refuse(failure);
      expect(await replies(account, person, 'sent')).toMatchObject([{ error: null }]);
      const [first, second, ...more] = stage.meta.sends.filter((send) => send.accountId === account.id);
      expect(second!.at.getTime() - first!.at.getTime()).toBeGreaterThan(700);
      expect(more).toEqual([]);
    },
    retry_once: async (row, failure) => {
      const { account, person } = await refuse({ ...failure, times: 2 });
      const [reply] = await replies(account, person, 'failed');
      expect(reply?.error).toContain('; tried 2 times');
      expectExplained(row, reply);
      expect(calls(account)).toBe(2);
    },
    unknown: async (_, failure) => {
      const { account, person } = await refuse(failure);
      const [reply] = await replies(account, person, 'sent');
      expect(reply).toMatchObject({ error: null, externalId: stage.meta.accepted.find((send) => send.recipientId === person)?.mid });
      expect(calls(account)).toBe(1);
    },
    failed: async (row, failure) => {
      const { account, person } = await refuse(failure, TWO_PARTS);
      const [first] = await replies(account, person, 'failed', 'sent');
      expectExplained(row, first);
      expect(calls(account)).toBe(2);
      expect(await show(account)).not.toHaveProperty('sendingPausedUntil');
    },
    conversation_closed: async (row, failure) => {
      const { account, person } = await refuse(failure, TWO_PARTS);
      const [first, second] = await replies(account, person, 'failed', 'failed');
      expectExplained(row, first);
      expect(second?.error).toContain(`refused the message before it: ${row.what}`);
      expect(calls(account)).toBe(1);
      const { windowClosesAt, automation } = await conversation(account, person);
      expect(Date.parse(windowClosesAt ?? '')).toBeLessThanOrEqual(Date.now());
      expect(automation.paused).toBe(false);
      await stage.write(account, 'hello?', { person });
      await replies(account, person, 'failed', 'failed', 'sent', 'sent');
    },
    conversation_paused: async (row, failure) => {
      const { account, person } = await refuse(failure, TWO_PARTS);
      const [first, second] = await replies(account, person, 'failed', 'failed');
      expectExplained(row, first);
      expect(second?.error).toContain(`refused the message before it: ${row.what}`);
      const { automation } = await conversation(account, person);
      expect(automation).toMatchObject({ paused: true, reason: expect.stringContaining(row.what) });
      const left = (Date.parse(automation.pausedUntil ?? '') - Date.now()) / MINUTE_MS;
      expect(left).toBeGreaterThan(minutesOf(row) - 1);
      expect(left).toBeLessThanOrEqual(minutesOf(row));
      await stage.write(account, 'hello?', { person });
      await eventually('no pending event', () => stage.events(account, '?status=pending'), (pending) => pending.length === 0);
      expect(await stage.messages(account, person)).toHaveLength(4);
      expect(calls(account)).toBe(1);
    },
    account_paused: async (row, failure) => {
      const appSecret = randomBytes(16).toString('hex');
      const neighbour = await shop('reply', appSecret);
      const { account, person } = await refuse(failure, 'reply', appSecret);
      const [waiting] = await replies(account, person, 'queued');
      expectExplained(row, waiting);
      await expectPaused(account, minutesOf(row), row.what);
      if ('app' in row.outcome) await expectPaused(neighbour, minutesOf(row), row.what);
      else expect(await show(neighbour)).not.toHaveProperty('sendingPausedUntil');
      await expectHeldUntilPatched(account, { status: 'active' }, 1);
      expect(await replies(account, person, 'sent')).toMatchObject([{ error: null }]);
      expect(calls(account)).toBe(3);
    },
    account_refused: async (row, failure) => {
      const { account, person } = await refuse(failure);
      const [reply] = await replies(account, person, 'failed');
      expectExplained(row, reply);
      await expectPaused(account, minutesOf(row), row.what);
      await expectHeldUntilPatched(account, { status: 'active' }, 1);
      expect(calls(account)).toBe(2);
    },
    permission: (row, failure) => paths.account_refused(row, failure),
    dead_token: async (row, failure) => {
      const { account, person } = await refuse(failure);
      const [waiting] = await replies(account, person, 'queued');
      expectExplained(row, waiting);
      expect((await show(account)).tokenStatus).toBe('invalid');
      const accessToken = `IGAA${randomBytes(60).toString('hex')}`;
      stage.meta.addToken(account.id, accessToken);
      await expectHeldUntilPatched(account, { accessToken }, 1);
      await replies(account, person, 'sent');
      expect(calls(account)).toBe(3);
    },
  };

  const begin = together(240_000);

  function each<Case extends readonly [name: string, ...unknown[]]>(title: string, cases: readonly Case[], play: (one: Case) => Promise<void>): void {
    for (const one of cases) begin(`${title}: ${one[0]}`, () => play(one));
  }

  each('each row of the table of outcomes', ROWS, ([, row, failure]) => paths[row.outcome.kind](row, failure));

  each('answers that no row is about', OTHERS, async ([, failure, status, count]) => {
    const { account, person } = await refuse(failure);
    await replies(account, person, status);
    expect(calls(account)).toBe(count);
    expect(stage.sentTo(person)).toHaveLength(status === 'sent' ? 1 : 0);
    expect(await show(account)).not.toHaveProperty('sendingPausedUntil');
  });

  each('the account pauses for as long as Graph says', PAUSES, async ([, failure, minutes]) => {
    const { account, person } = await refuse(failure);
    await replies(account, person, 'queued');
    await expectPaused(account, minutes, 'Instagram takes no more calls');
  });

  each('after a pause', [['one message goes first, and the rest when Graph has taken it']], async () => {
    // Long enough to be seen while all the others begin.
    const { account, person } = await refuse({ code: 17, retryAfterSeconds: 10 });
    await replies(account, person, 'queued');
    stage.meta.failNext({ accountId: account.id, code: 17, retryAfterSeconds: 2 });
    const others = await Promise.all(Array.from({ length: 5 }, () => stage.write(account, 'hello')));
    await eventually('a second call', async () => calls(account), (count) => count >= 2);
    for (const other of others) await replies(account, other.person, 'sent');
    await replies(account, person, 'sent');
    // Two were refused, one each time the account had waited; six went out.
    expect(calls(account)).toBe(8);
    expect(await show(account)).not.toHaveProperty('sendingPausedUntil');
  });

  // Last: it kills the service that the others need.
  it('a pause outlives the process, and is shown to whoever looks', async () => {
    const { account, person } = await refuse({ code: 80006, regainMinutes: 30 });
    await replies(account, person, 'queued');
    await stage.killAndRestart();
    const other = await stage.write(account, 'hello');
    await eventually('the reply', () => stage.messages(account, other.person), (messages) => messages.length === 2);
    await expectPaused(account, 30, 'Instagram takes no more calls');
    const health = await (await fetch(`${stage.service.url}/health`)).json() as { details: { backlog: { pausedAccounts: number } } };
    expect(health.details.backlog.pausedAccounts).toBeGreaterThanOrEqual(1);
    const metrics = await (await fetch(`${stage.service.url}/metrics`, { headers: { authorization: `Bearer ${stage.service.adminKey}` } })).text();
    expect(metrics).toMatch(/^instagram_accounts_sending_paused [1-9]/m);
    expect(calls(account)).toBe(1);
    await patch(account, { status: 'active' });
    await replies(account, person, 'sent');
    await replies(account, other.person, 'sent');
    const audit = await stage.service.list<{ changes: object }>(`/audit?accountId=${account.id}&action=account.update`);
    expect(audit[0]?.changes).toHaveProperty('sendingPausedUntil');
  });
});

function minutesOf({ outcome }: OutcomeRow): number {
  return 'minutes' in outcome ? outcome.minutes : 0;
}

/** What happened, the code and the trace id, and what to do. */
function expectExplained({ what, cure }: OutcomeRow, message: MessageView | undefined): void {
  expect(message?.error).toContain(`${what} (code `);
  expect(message?.error).toMatch(/, trace A[\w-]+\)/);
  expect(message?.error).toContain(cure);
}
