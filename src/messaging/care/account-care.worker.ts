import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { AccountCareRepository, CredentialsUnreadableError, type ClaimedCare } from '../../accounts/index.js';
import { Clock } from '../../common/clock.js';
import { messageOf } from '../../common/errors.js';
import { Telemetry } from '../../common/telemetry.js';
import { WorkerPulse } from '../../common/worker-pulse.js';
import { TransactionRunner } from '../../database/index.js';
import { CLAIM_MS, nextLookAt } from './care.policy.js';
import { failing, type Look } from './look.js';
import { LookAfterSubscriptionUseCase } from './look-after-subscription.usecase.js';
import { LookAfterTokenUseCase } from './look-after-token.usecase.js';

const EVERY_MS = 1_000;
/** Over all accounts: a thousand that are due together are looked after within a minute or two, and Meta is not rushed. */
const AT_ONCE = 10;
const PULSE = 'account-care';
const MOST_SILENCE_MS = CLAIM_MS + 60_000;
/** How often accounts are looked for that an instance of an older version has added, and how many of them at once. */
const COMPLETE_EVERY_MS = 600_000;
const COMPLETED_AT_ONCE = 100;
/** What is not finished by then is due again when its claim ends. */
const STOP_PATIENCE_MS = 10_000;

/** Looks after what is due, account by account: their tokens, their webhook subscriptions. */
@Injectable()
export class AccountCareWorker {
  private readonly logger = new Logger('AccountCare');
  private readonly end = new AbortController();
  private loop: Promise<void> | null = null;
  private completeAt = 0;

  constructor(
    private readonly transactions: TransactionRunner,
    private readonly care: AccountCareRepository,
    private readonly token: LookAfterTokenUseCase,
    private readonly subscription: LookAfterSubscriptionUseCase,
    private readonly telemetry: Telemetry,
    private readonly pulse: WorkerPulse,
    private readonly clock: Clock,
  ) {}

  start(): void {
    this.pulse.expect(PULSE, MOST_SILENCE_MS);
    this.loop ??= this.runOn();
  }

  async stop(): Promise<void> {
    this.end.abort();
    this.pulse.forget(PULSE);
    await Promise.race([this.loop, delay(STOP_PATIENCE_MS, undefined, { ref: false })]);
  }

  /** One round; the loop's, and the tests'. @returns how much was due */
  async round(): Promise<number> {
    const now = this.clock.now();
    const until = new Date(now.getTime() + CLAIM_MS);
    await this.completeNowAndThen();
    const claims = await this.transactions.run((tx) => this.care.claimDue(tx, now, until, AT_ONCE));
    await Promise.all(claims.map((claim) => this.look(claim)));
    return claims.length;
  }

  /** During an upgrade, or after going back for a while, an older version adds accounts without what it does not know of. */
  private async completeNowAndThen(): Promise<void> {
    const now = this.clock.now();
    if (now.getTime() < this.completeAt) return;
    this.completeAt = now.getTime() + COMPLETE_EVERY_MS;
    for (const accountId of await this.transactions.read((tx) => this.care.listLacking(tx, COMPLETED_AT_ONCE))) {
      // Each by itself: a row that somebody keeps locked, or that goes meanwhile, must not stop the others.
      await this.transactions.run((tx) => this.care.insertAll(tx, accountId, now)).catch((error: unknown) => {
        this.logger.warn({ msg: `It is not looked after yet: ${messageOf(error)}`, accountId });
      });
    }
  }

  private async look(claim: ClaimedCare): Promise<void> {
    try {
      const { outcome, ...result } = await this[claim.task].execute(claim).catch((error: unknown) => this.afterUnreadable(claim, error));
      await this.transactions.run((tx) => this.care.finish(tx, claim, result, this.clock.now()));
      this.telemetry.accountLookedAfter(claim.task, outcome);
    } catch (error) {
      // It is due again when the claim ends.
      this.telemetry.accountLookedAfter(claim.task, 'failed');
      this.logger.error({ msg: `Looking after the ${claim.task} broke off: ${messageOf(error)}`, accountId: claim.accountId });
    }
  }

  /** Shown as what it is. Whoever sees to it (the right key, the row as it was) tells nobody here: it must be found soon. */
  private afterUnreadable(claim: ClaimedCare, error: unknown): Look {
    if (!(error instanceof CredentialsUnreadableError)) throw error;
    this.logger.warn({ msg: error.message, accountId: claim.accountId });
    const now = this.clock.now();
    const look = failing(claim, now, 'It cannot be looked after: stored credentials do not open.');
    return { ...look, dueAt: nextLookAt('unreadable', now, Math.random()) };
  }

  private async runOn(): Promise<void> {
    const { signal } = this.end;
    while (!signal.aborted) {
      let due = 0;
      try {
        due = await this.round();
        this.pulse.beat(PULSE);
      } catch (error) {
        this.logger.error(`Accounts could not be looked after: ${messageOf(error)}`);
      }
      if (due < AT_ONCE) await delay(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
