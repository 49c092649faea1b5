import { Inject, Injectable, Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { accessTokenHash, AccountDirectory, type Account } from '../../accounts/index.js';
import { Clock } from '../../common/clock.js';
import { messageOf } from '../../common/errors.js';
import { Telemetry, type SendResult } from '../../common/telemetry.js';
import { TransactionRunner } from '../../database/index.js';
import { laneOf } from '../lanes.js';
import { MESSAGE_SENDER, type MessageSender } from '../message-sender.port.js';
import { ClaimSends } from './claim-sends.js';
import type { AttemptOutcome } from './decide-outcome.js';
import { CLAIM_GOOD_FOR_MS, MOST_UNSETTLED, SENDS_PER_SECOND } from './delivery.policy.js';
import { OutboxHints } from './outbox-hints.js';
import type { ClaimedMessage } from './outbox-message.js';
import { OutboxRepository } from './outbox.repository.js';
import { OutcomeRecorder } from './outcome.recorder.js';
import { SlidingWindow } from '../sliding-window.js';
import { Slots } from './slots.js';

/** Calls at once over all accounts. */
const CALLS_AT_ONCE = 512;
/** How long an account that may not send is left alone. */
const STOPPED_PAUSE_MS = 3_000;
/** A database that is away must not keep the process from ending: what is not recorded by then is looked up at the next start. */
const STOP_PATIENCE_MS = 20_000;

/**
 * Sends what is due. Each account has a pump of its own, so that one whose calls hang keeps no other waiting: it claims
 * (a short transaction), calls Graph with no transaction open, has the outcomes recorded, and ends when nothing is due.
 */
@Injectable()
export class DeliverMessagesUseCase {
  private readonly logger = new Logger('DeliverMessages');
  private readonly pumps = new Map<string, { rungAgain: boolean; readonly done: Promise<void> }>();
  private readonly pausedUntil = new Map<string, number>();
  private readonly pace = new SlidingWindow(SENDS_PER_SECOND);
  private readonly slots = new Slots(CALLS_AT_ONCE);
  /** Outbox ids this process is sending or recording: not lost, however long it takes. */
  readonly inFlight = new Set<number>();
  private stopping = false;

  constructor(
    private readonly transactions: TransactionRunner,
    private readonly outbox: OutboxRepository,
    private readonly claims: ClaimSends,
    private readonly recorder: OutcomeRecorder,
    private readonly directory: AccountDirectory,
    private readonly hints: OutboxHints,
    @Inject(MESSAGE_SENDER) private readonly sender: MessageSender,
    private readonly telemetry: Telemetry,
    private readonly clock: Clock,
  ) {}

  /** Answers the bell of a lane: starts the pumps of its accounts. Does not wait for them; `idle` does. */
  async execute(lane: number): Promise<void> {
    const hinted = this.hints.take(lane);
    const accounts = hinted.size > 0 ? hinted : await this.accountsDue(lane);
    for (const accountId of accounts) this.start(accountId);
  }

  /** Resolves when no pump runs. */
  async idle(): Promise<void> {
    while (this.pumps.size > 0) await Promise.all([...this.pumps.values()].map((pump) => pump.done));
  }

  /** Claims nothing more, and resolves when what was claimed is sent and recorded. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.race([this.idle(), delay(STOP_PATIENCE_MS, undefined, { ref: false })]);
  }

  private async accountsDue(lane: number): Promise<string[]> {
    const now = this.clock.now();
    const groups = await this.transactions.read((tx) => this.outbox.listWaiting(tx));
    return groups
      .filter((group) => group.status === 'queued' && group.earliest <= now && laneOf(group.accountId) === lane)
      .map((group) => group.accountId);
  }

  private start(accountId: string): void {
    const running = this.pumps.get(accountId);
    if (running) {
      running.rungAgain = true;
      return;
    }
    if (this.stopping) return;
    const done = this.pump(accountId)
      .catch((error: unknown) => {
        // What is due stays due: the sweeper rings again.
        this.logger.error({ msg: `Sending was interrupted: ${messageOf(error)}`, accountId });
      })
      .then(() => {
        const again = this.pumps.get(accountId)?.rungAgain === true;
        this.pumps.delete(accountId);
        if (again) this.start(accountId);
      });
    this.pumps.set(accountId, { rungAgain: false, done });
  }

  private async pump(accountId: string): Promise<void> {
    // Not on the stack of `start`, which has yet to note that this pump runs.
    await Promise.resolve();
    const calls = new Set<Promise<void>>();
    try {
      while (!this.stopping && !this.isPaused(accountId)) {
        const pump = this.pumps.get(accountId);
        if (pump) pump.rungAgain = false;
        const room = MOST_UNSETTLED - calls.size;
        const claim = room > 0 ? await this.claims.execute(accountId, room) : { kind: 'claimed' as const, messages: [], more: false };
        if (claim.kind === 'busy') {
          await delay(5 + Math.random() * 20);
          continue;
        }
        if (claim.kind === 'stopped') {
          this.pause(accountId, STOPPED_PAUSE_MS);
          break;
        }
        for (const message of claim.messages) this.launch(message, calls);
        if (claim.more) continue;
        if (calls.size === 0) break;
        await Promise.race(calls);
      }
    } finally {
      await Promise.all(calls);
    }
  }

  private launch(message: ClaimedMessage, calls: Set<Promise<void>>): void {
    this.inFlight.add(message.id);
    const call = this.slots
      .run(() => this.attempt(message))
      .catch((error: unknown) => {
        // It stands as `sending` in the database: the look-up settles it.
        this.logger.error({ msg: `An attempt broke off: ${messageOf(error)}`, messageId: message.messageId });
      })
      .finally(() => {
        this.inFlight.delete(message.id);
        calls.delete(call);
      });
    calls.add(call);
  }

  private async attempt(claimed: ClaimedMessage): Promise<void> {
    const { accountId } = claimed;
    const { account, accessToken } = await this.credentials(accountId);
    await this.pace.take(accountId);
    const calledAt = this.clock.now();
    const started = performance.now();
    const outcome = await this.call(claimed, accessToken, calledAt);
    // Until it is recorded; from then on the claim finds it.
    if ('pause' in outcome && outcome.pause) this.pause(accountId, Math.min(outcome.pause.forMs, STOPPED_PAUSE_MS));
    if (outcome.kind !== 'released') this.telemetry.sendSettled(RESULTS[outcome.kind], (performance.now() - started) / 1000);
    const tokenHash = accessToken === null ? null : accessTokenHash(accessToken);
    await this.recorder.record({ claimed, outcome, account, tokenHash, calledAt });
  }

  private async credentials(accountId: string): Promise<{ account: Account | null; accessToken: string | null }> {
    try {
      const account = await this.directory.find(accountId);
      return { account, accessToken: account ? await this.directory.accessToken(accountId) : null };
    } catch (error) {
      this.logger.error({ msg: `The access token could not be read: ${messageOf(error)}`, accountId });
      return { account: null, accessToken: null };
    }
  }

  private async call(claimed: ClaimedMessage, accessToken: string | null, now: Date): Promise<AttemptOutcome> {
    if (accessToken === null) return { kind: 'released', afterMs: STOPPED_PAUSE_MS };
    if (this.isPaused(claimed.accountId)) return { kind: 'released', afterMs: 1_000 };
    // Others reckon from the claim when this call can have been made at the latest.
    if (now.getTime() - claimed.attemptedAt.getTime() > CLAIM_GOOD_FOR_MS) return { kind: 'released', afterMs: 0 };
    return await this.sender.sendMessage({ accountId: claimed.accountId, accessToken, body: claimed.request });
  }

  private pause(accountId: string, ms: number): void {
    this.pausedUntil.set(accountId, this.clock.now().getTime() + ms);
  }

  private isPaused(accountId: string): boolean {
    const until = this.pausedUntil.get(accountId);
    if (until === undefined) return false;
    if (until > this.clock.now().getTime()) return true;
    this.pausedUntil.delete(accountId);
    return false;
  }
}

const RESULTS: Readonly<Record<Exclude<AttemptOutcome['kind'], 'released'>, SendResult>> = {
  sent: 'sent', failed: 'failed', retry: 'retry', paused: 'retry', unknown: 'uncertain', dead_token: 'dead_token',
};
