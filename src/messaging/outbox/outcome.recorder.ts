import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { Account } from '../../accounts/index.js';
import { Clock } from '../../common/clock.js';
import { messageOf } from '../../common/errors.js';
import { Dialect, TransactionRunner } from '../../database/index.js';
import { AccountNewsWriter } from './account-news.writer.js';
import { ConversationStops } from './conversation-stops.js';
import { decideOutcome, type AttemptOutcome } from './decide-outcome.js';
import type { ClaimedMessage } from './outbox-message.js';
import { OutboxRepository } from './outbox.repository.js';
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

interface Waiting extends Attempt {
  readonly done: (more: boolean) => void;
  tries: number;
}

const MOST_AT_ONCE = 200;
const LONGEST_WAIT_MS = 5_000;
const MOST_TRIES_ALONE = 8;

/**
 * Records outcomes, those that arrive together in one transaction. What cannot be recorded stays in memory and is
 * recorded again, for as long as the database is away: the message is never sent again for it.
 */
@Injectable()
export class OutcomeRecorder {
  private readonly logger = new Logger('OutcomeRecorder');
  private waiting: Waiting[] = [];
  private running = false;

  constructor(
    private readonly transactions: TransactionRunner,
    private readonly dialect: Dialect,
    private readonly outbox: OutboxRepository,
    private readonly writer: OutcomeWriter,
    private readonly stops: ConversationStops,
    private readonly news: AccountNewsWriter,
    private readonly clock: Clock,
  ) {}

  /** Resolves once it is recorded. @returns whether something of the account may go now that waited behind it, or behind what was recorded with it */
  async record(attempt: Attempt): Promise<boolean> {
    return await new Promise<boolean>((resolve) => {
      this.waiting.push({ ...attempt, done: resolve, tries: 0 });
      if (!this.running) void this.run();
    });
  }

  /** Never rejects. */
  private async run(): Promise<void> {
    this.running = true;
    let failures = 0;
    // Lets the outcomes of this turn of the event loop come together.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      // After a failure one by one, so that an outcome the database will not take keeps none of the others.
      const batch = this.waiting.splice(0, failures > 0 ? 1 : MOST_AT_ONCE);
      try {
        const behind = await this.write(batch);
        failures = 0;
        for (const one of batch) one.done(behind.has(one.claimed.accountId));
      } catch (error) {
        failures++;
        this.putBack(batch, error);
        this.logger.error(`Outcomes of sends could not be recorded, and are kept: ${messageOf(error)}`);
        await delay(Math.min(LONGEST_WAIT_MS, 50 * 2 ** Math.min(failures, 10)));
      }
    }
    this.running = false;
  }

  private putBack(batch: readonly Waiting[], error: unknown): void {
    const [only] = batch;
    if (batch.length === 1 && only && !this.dialect.isUnavailable(error) && ++only.tries >= MOST_TRIES_ALONE) {
      // It stands as `sending` in the database, so it will be looked up, not sent again.
      this.logger.error({ msg: 'An outcome cannot be recorded and is left to the look-up', messageId: only.claimed.messageId });
      only.done(false);
      return;
    }
    // One that failed alone goes to the end of the line.
    if (batch.length === 1) this.waiting.push(...batch);
    else this.waiting.unshift(...batch);
  }

  private async write(batch: readonly Waiting[]): Promise<ReadonlySet<string>> {
    const byId = new Map(batch.map((attempt) => [attempt.claimed.id, attempt]));
    const news = await this.news.gather(batch.map((attempt) => ({ ...attempt, accountId: attempt.claimed.accountId })));
    return await this.transactions.run(async (tx) => {
      const now = this.clock.now();
      const conversations = await this.stops.lock(tx, batch);
      const standing = await this.outbox.lockAttempts(tx, batch.map((attempt) => attempt.claimed));
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
      return new Set([...behind, ...gone.map(({ claimed }) => claimed.accountId)]);
    });
  }
}
