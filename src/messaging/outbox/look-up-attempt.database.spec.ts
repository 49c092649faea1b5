import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { insertAccount } from '../../../test/support/account-row.js';
import { openTestDatabase, type TestDatabaseHandle } from '../../../test/support/database.js';
import { MovedClock } from '../../../test/support/outbox-bed.js';
import { AccountEntity, AccountRepository, LockedAccounts, type AccountDirectory } from '../../accounts/index.js';
import { ConversationLookup } from '../graph/conversation-lookup.js';
import type { GraphAnswer } from '../graph/graph-answer.js';
import type { GraphClient } from '../graph/graph-client.js';
import type { Pace } from '../pace/pace.port.js';
import { AccountNewsWriter } from './account-news.writer.js';
import { AccountPauses } from './account-pauses.js';
import { AppPauses } from './app-pauses.js';
import { LookUpAttempt } from './look-up-attempt.js';
import type { ClaimedMessage } from './outbox-message.js';

const [ASKED, SAME_APP, OTHER_APP] = ['1', '2', '3'] as const;

describe('what a refused look-up says of accounts, on a database', () => {
  const clock = new MovedClock();
  let database: TestDatabaseHandle;
  let accounts: AccountRepository;
  let pauses: AccountPauses;
  let apps: AppPauses;
  let lookUp: LookUpAttempt;
  let answer: GraphAnswer;
  let calls: number;
  let givenBack: number;
  let turn: Promise<void>;

  beforeEach(async () => {
    jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    database = await openTestDatabase([AccountEntity]);
    for (const id of [ASKED, SAME_APP, OTHER_APP]) await insertAccount(database.dataSource, id);
    [calls, givenBack, turn] = [0, 0, Promise.resolve()];
    const directory = {
      find: () => Promise.resolve(null), accessToken: () => Promise.resolve('token'),
      listOfSameApp: () => Promise.resolve([ASKED, SAME_APP]), evict: () => undefined,
    } as unknown as AccountDirectory;
    const graph = { get: () => Promise.resolve((calls++, answer)) } as unknown as GraphClient;
    const pace = { take: () => turn.then(() => ({ granted: true, giveBack: () => givenBack++ })) } as unknown as Pace;
    accounts = new AccountRepository(database.dialect);
    pauses = new AccountPauses(() => clock.now().getTime());
    const locked = new LockedAccounts(database.transactions, accounts);
    apps = new AppPauses(database.transactions, accounts, directory, clock, locked);
    const news = new AccountNewsWriter(accounts, directory, clock, locked, apps);
    lookUp = new LookUpAttempt(new ConversationLookup(graph, pace, clock), directory, news, pauses, clock);
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await database.close();
  });

  function refused(code: number, subcode = 0, headers = {}): GraphAnswer {
    return { status: 400, headers, body: { error: { code, error_subcode: subcode } } };
  }

  async function ask(givesUpAfterMs = 60_000) {
    const message = { accountId: ASKED, conversationId: `${ASKED}:9` } as ClaimedMessage;
    const { result, note } = await lookUp.execute(message, new Date(clock.now().getTime() + givesUpAfterMs));
    await database.transactions.run(note);
    await apps.idle();
    return result;
  }

  /** For how many seconds, of each account. */
  async function paused(): Promise<(number | null)[]> {
    const rows = await Promise.all([ASKED, SAME_APP, OTHER_APP].map((id) => database.transactions.read((tx) => accounts.find(tx, id))));
    return rows.map((row) => (row?.sendingPausedUntil ? (row.sendingPausedUntil.getTime() - clock.now().getTime()) / 1000 : null));
  }

  it.each<[string, GraphAnswer, (number | null)[]]>([
    ['17', refused(17), [60, null, null]],
    ['613', refused(613), [60, null, null]],
    ['80002', refused(80002), [60, null, null]],
    ['613, and how long', refused(613, 0, { 'retry-after': '90' }), [90, null, null]],
    ['429 without a code', { status: 429, headers: {}, body: undefined }, [60, null, null]],
    ['4, which is the app’s', refused(4), [300, 300, null]],
  ])('too many calls pause the account: %s', async (_, given, expected) => {
    answer = given;
    expect(await ask()).toMatchObject({ kind: 'unanswered' });
    expect(await paused()).toEqual(expected);
    expect(pauses.isPaused(ASKED)).toBe(true);
  });

  it('the reason speaks of a look-up, not of a message to be sent', async () => {
    answer = refused(613);
    await ask();
    const account = await database.transactions.read((tx) => accounts.find(tx, ASKED));
    expect(account?.sendingPausedReason).toBe('Instagram takes no more calls for this account for now (code 613). '
      + 'Instagram said so when it was asked what had become of a message; sending goes on when the pause is over.');
  });

  it.each<[string, GraphAnswer]>([
    ['a permission is missing', refused(10)],
    ['the owner lets no app read messages', refused(200, 2534041)],
    ['a block for breaking a policy', refused(368)],
    ['a temporary error', refused(2)],
    ['an outage', { status: 502, headers: { 'retry-after': '90' }, body: undefined }],
  ])('nothing else that a read is refused for stops sends: %s', async (_, given) => {
    answer = given;
    expect(await ask()).toMatchObject({ kind: 'unanswered', pause: null });
    expect(await paused()).toEqual([null, null, null]);
    expect(pauses.isPaused(ASKED)).toBe(false);
  });

  it('a dead token is kept, and pauses nothing', async () => {
    answer = refused(190, 460);
    await ask();
    expect(await database.transactions.read((tx) => accounts.find(tx, ASKED))).toMatchObject({ tokenStatus: 'invalid', sendingPausedUntil: null });
  });

  it('does not call when the account was refused while it waited for its turn, unless it is given up otherwise', async () => {
    answer = refused(613);
    let comes = (): void => undefined;
    turn = new Promise((resolve) => { comes = resolve; });
    const waiting = [ask(), ask(), ask(0)];
    pauses.pause(ASKED, 3_000);
    comes();
    expect((await Promise.all(waiting)).map((result) => 'reason' in result && result.reason)).toEqual([
      'Instagram wants no calls for the account for now', 'Instagram wants no calls for the account for now', 'code 613',
    ]);
    expect([calls, givenBack]).toEqual([1, 2]);
  });
});
