import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { LockedAccounts, type Account } from '../../accounts/index.js';
import { Clock } from '../../common/clock.js';
import { messageOf } from '../../common/errors.js';
import { Dialect, TransactionRunner } from '../../database/index.js';
import { AccountNewsWriter } from './account-news.writer.js';
import { AttemptedSendRepository } from './attempted-send.repository.js';
import { ConversationStops } from './conversation-stops.js';
import { decideOutcome, type AttemptOutcome } from './decide-outcome.js';
import { LateAnswers, type LateAnswer } from './late-answers.js';
import type { ClaimedMessage } from './outbox-message.js';
import { OutcomeWriter } from './outcome.writer.js';

export interface Attempt {
  readonly claimed: ClaimedMessage;
  readonly outcome: AttemptOutcome;
  /** The account as it was known before the call. */
  readonly account: Account | null;
  /** Of the token the call was made with. */
  readonly tokenHash: string | null;
  /** When the call began. */
  readonly calledAt: Date;
}

interface Written {
  /** The accounts of which something waits behind these. */
  readonly behind: ReadonlySet<string>;
  /** The outbox ids of those that go on. */
  readonly unsettled: ReadonlySet<number>;
  readonly late: readonly LateAnswer[];
}

export interface Recorded {
  /** The outbox is done with it, and nothing it came to keeps others of its conversation from being sent. */
  readonly settled: boolean;
  /** Something of the account may go now that was queued behind it, or behind what was recorded with it. */
  readonly behind: boolean;
}

interface Waiting extends Attempt {
  readonly done: (recorded: Recorded) => void;
  tries: number;
}

const MOST_AT_ONCE = 200;
/** Transactions at once: while one waits for the disk, the next is written, should there be this much for it. */
const MOST_TRANSACTIONS = 2;
const WORTH_ANOTHER = 24;
const LONGEST_WAIT_MS = 5_000;
const LOCKED_WAIT_MS = 200;
const MOST_TRIES_ALONE = 8;

/**
 * Records outcomes, those that arrive together in one transaction. What cannot be recorded stays in memory and is
 * recorded again, for as long as the database is away: the message is never sent again for it.
 */
@Injectable()
export class OutcomeRecorder {
  private readonly logger = new Logger('OutcomeRecorder');
  private waiting: Waiting[] = [];
  /** What only they need is locked in the database: among the others, they would keep those waiting. */
  private readonly apart: Waiting[] = [];
  private isTryingApart = false;
  private running = 0;

  constructor(
    private readonly transactions: TransactionRunner,
    private readonly dialect: Dialect,
    private readonly sends: AttemptedSendRepository,
    private readonly writer: OutcomeWriter,
    private readonly lateAnswers: LateAnswers,
    private readonly stops: ConversationStops,
    private readonly news: AccountNewsWriter,
    private readonly clock: Clock,
    private readonly locked: LockedAccounts,
  ) {}

  /** Resolves once it is recorded, or left to the look-up. */
  async record(attempt: Attempt): Promise<Recorded> {
    return await new Promise<Recorded>((resolve) => {
      this.add({ ...attempt, done: resolve, tries: 0 });
    });
  }

  private add(one: Waiting): void {
    this.waiting.push(one);
    if (this.running === 0 || (this.running < MOST_TRANSACTIONS && this.waiting.length >= WORTH_ANOTHER)) void this.run();
  }

  /** Never rejects. */
  private async run(): Promise<void> {
    this.running++;
    let failures = 0;
    let singly = 0;
    // Lets the outcomes of this turn of the event loop come together.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      // After a failure one by one, so that an outcome the database will not take keeps none of the others.
      const batch = this.take(singly > 0 ? 1 : MOST_AT_ONCE);
      if (batch.length === 0) {
        await delay(LOCKED_WAIT_MS);
        continue;
      }
      singly = Math.max(0, singly - 1);
      const accounts = new Set(batch.map(({ claimed }) => claimed.accountId));
      try {
        await this.settle(batch);
        failures = 0;
      } catch (error) {
        const areLocked = await this.areLocked(accounts, error);
        if (!areLocked && batch.length === 1 && this.dialect.isLockWait(error)) {
          this.setApart(batch);
          continue;
        }
        // However long trouble lasts that is not the outcome's: it is known what became of the message.
        this.putBack(batch, areLocked || this.dialect.isPassing(error));
        if (areLocked) continue;
        failures++;
        singly = this.dialect.isUnavailable(error) ? 1 : Math.max(singly, batch.length);
        this.logger.error(`Outcomes of sends could not be recorded, and are kept: ${messageOf(error)}`);
        await delay(Math.min(LONGEST_WAIT_MS, 50 * 2 ** Math.min(failures, 10)));
      }
    }
    this.running--;
  }

  private async settle(batch: readonly Waiting[]): Promise<void> {
    const { behind, unsettled, late } = await this.write(batch);
    await this.lateAnswers.record(late);
    for (const one of batch) {
      one.done({ settled: !unsettled.has(one.claimed.id) && letsOthersGo(one.outcome), behind: behind.has(one.claimed.accountId) });
    }
  }

  private setApart(batch: readonly Waiting[]): void {
    for (const { claimed } of batch) {
      this.logger.error({ msg: 'An outcome waits for what somebody keeps locked in the database, and is kept', accountId: claimed.accountId, messageId: claimed.messageId });
    }
    this.apart.push(...batch);
    if (!this.isTryingApart) void this.tryApart();
  }

  /** Never rejects. One at a time, for as long as the locks last. */
  private async tryApart(): Promise<void> {
    this.isTryingApart = true;
    let isFree = false;
    for (let one = this.apart.shift(); one; one = this.apart.shift()) {
      if (!isFree) await delay(LOCKED_WAIT_MS);
      const accounts = new Set([one.claimed.accountId]);
      try {
        await this.settle([one]);
        isFree = true;
      } catch (error) {
        isFree = false;
        if (this.dialect.isLockWait(error) && !(await this.areLocked(accounts, error))) this.apart.push(one);
        else this.add(one);
      }
    }
    this.isTryingApart = false;
  }

  /** The oldest, but for accounts whose row is locked in the database: theirs would keep the others' waiting. */
  private take(most: number): Waiting[] {
    if (this.locked.size === 0) return this.waiting.splice(0, most);
    const taken = new Set(this.waiting.filter(({ claimed }) => !this.locked.has(claimed.accountId)).slice(0, most));
    this.waiting = this.waiting.filter((one) => !taken.has(one));
    return [...taken];
  }

  /** Whether what was waited for in vain is the row of one of these. */
  private async areLocked(accounts: Iterable<string>, error: unknown): Promise<boolean> {
    if (!this.dialect.isLockWait(error)) return false;
    const found = await this.locked.find(accounts).catch(() => null);
    return found !== null && found.size > 0;
  }

  /** @param isFree what failed was not its fault */
  private putBack(batch: readonly Waiting[], isFree: boolean): void {
    const [only] = batch;
    if (batch.length === 1 && only && !isFree && ++only.tries >= MOST_TRIES_ALONE) {
      // It stands as `sending` in the database, so it will be looked up, not sent again.
      this.logger.error({ msg: 'An outcome cannot be recorded and is left to the look-up', messageId: only.claimed.messageId });
      only.done({ settled: false, behind: false });
      return;
    }
    // One that failed alone goes to the end of the line.
    if (batch.length === 1) this.waiting.push(...batch);
    else this.waiting.unshift(...batch);
  }

  private async write(batch: readonly Waiting[]): Promise<Written> {
    const byId = new Map(batch.map((attempt) => [attempt.claimed.id, attempt]));
    const news = await this.news.gather(batch.map((attempt) => ({ ...attempt, accountId: attempt.claimed.accountId })));
    return await this.transactions.run(async (tx) => {
      const now = this.clock.now();
      const conversations = await this.stops.lock(tx, batch);
      const { standing, otherwise } = await this.sends.lockAttempts(tx, batch.map((attempt) => attempt.claimed));
      const sends = standing.flatMap((row) => {
        const attempt = byId.get(row.id);
        if (!attempt) return [];
        const decision = decideOutcome(attempt.claimed, attempt.outcome, now, Math.random());
        return [{ outboxId: row.id, conversationId: row.conversationId, decision }];
      });
      const behind = await this.writer.writeQuietly(tx, sends);
      await this.stops.apply(tx, standing.flatMap((row) => byId.get(row.id) ?? []), conversations);
      await this.news.write(tx, news);
      // Settled meanwhile by somebody else (Meta's echo), who may not have seen what was queued behind it since.
      const gone = batch.filter(({ claimed }) => !standing.some((row) => row.id === claimed.id));
      const late = await this.lateAnswers.find(tx, gone.filter(({ claimed }) => !otherwise.includes(claimed.id)));
      const goOn = sends.filter(({ decision }) => decision.next !== null).map(({ outboxId }) => outboxId);
      return { behind: new Set([...behind, ...gone.map(({ claimed }) => claimed.accountId)]), unsettled: new Set([...goOn, ...otherwise]), late };
    });
  }
}

/** Not where Instagram has refused more than this message: what that means for the others is asked at the next claim. */
function letsOthersGo(outcome: AttemptOutcome): boolean {
  return !('pause' in outcome && outcome.pause) && !('conversation' in outcome && outcome.conversation);
}
