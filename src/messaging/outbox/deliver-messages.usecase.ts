import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { Clock } from '../../common/clock.js';
import { messageOf } from '../../common/errors.js';
import { TransactionRunner } from '../../database/index.js';
import { laneOf } from '../lanes.js';
import { AccountPauses } from './account-pauses.js';
import { AttemptSend } from './attempt-send.js';
import { ClaimSends, type Claim } from './claim-sends.js';
import { MOST_UNSETTLED, STOPPED_PAUSE_MS } from './delivery.policy.js';
import { OutboxHints } from './outbox-hints.js';
import type { ClaimedMessage, WaitingGroup } from './outbox-message.js';
import { OutboxRepository } from './outbox.repository.js';
import { OutcomeRecorder } from './outcome.recorder.js';
import { PumpWork } from './pump-work.js';
import { Ramp } from './ramp.js';
import { Slots } from './slots.js';

/** Calls at once over all accounts. */
const CALLS_AT_ONCE = 512;
/** A database that is away must not keep the process from ending: what is not recorded by then is looked up at the next start. */
const STOP_PATIENCE_MS = 20_000;

/**
 * Sends what is due. Each account has a pump of its own, so that one whose calls hang keeps no other waiting: it claims
 * (a short transaction), calls Graph with no transaction open, has the outcomes recorded, and ends when nothing is due.
 */
@Injectable()
export class DeliverMessagesUseCase {
  private readonly logger = new Logger('DeliverMessages');
  private readonly pumps = new Map<string, { readonly work: PumpWork; readonly done: Promise<void> }>();
  private readonly slots = new Slots(CALLS_AT_ONCE);
  /** Outbox ids this process is sending or recording: not lost, however long it takes. */
  readonly inFlight = new Set<number>();
  private search: Promise<unknown> = Promise.resolve();
  private nextSearch: Promise<WaitingGroup[]> | null = null;
  private stopping = false;

  constructor(
    private readonly transactions: TransactionRunner,
    private readonly outbox: OutboxRepository,
    private readonly claims: ClaimSends,
    private readonly attempts: AttemptSend,
    private readonly recorder: OutcomeRecorder,
    private readonly pauses: AccountPauses,
    private readonly hints: OutboxHints,
    private readonly clock: Clock,
  ) {}

  /**
   * Answers the bell of a lane: starts the pumps of its accounts. Does not wait for them; `idle` does.
   * @param elsewhere another process has rung: the accounts it means are not known here
   */
  async execute(lane: number, elsewhere = false): Promise<void> {
    const hinted = this.hints.take(lane);
    const accounts = elsewhere || hinted.size === 0 ? new Set([...hinted, ...(await this.accountsDue(lane))]) : hinted;
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
    const groups = await this.listWaiting();
    return groups
      .filter((group) => group.status === 'queued' && group.earliest <= now && laneOf(group.accountId) === lane)
      .map((group) => group.accountId);
  }

  /** One search serves all that ask before it begins: however many bells come from elsewhere, one goes on at a time. */
  private listWaiting(): Promise<WaitingGroup[]> {
    this.nextSearch ??= this.search.then(() => {
      this.nextSearch = null;
      return this.transactions.read((tx) => this.outbox.listWaiting(tx));
    });
    this.search = this.nextSearch.catch(() => undefined);
    return this.nextSearch;
  }

  private start(accountId: string): void {
    const running = this.pumps.get(accountId);
    if (running) {
      running.work.ring();
      return;
    }
    if (this.stopping) return;
    const work = new PumpWork();
    const done = this.pump(accountId, work)
      .catch((error: unknown) => {
        // What is due stays due: the sweeper rings again.
        this.logger.error({ msg: `Sending was interrupted: ${messageOf(error)}`, accountId });
      })
      .then(() => {
        this.pumps.delete(accountId);
        if (work.takeRing()) this.start(accountId);
      });
    this.pumps.set(accountId, { work, done });
  }

  private async pump(accountId: string, work: PumpWork): Promise<void> {
    const ramp = new Ramp(MOST_UNSETTLED);
    try {
      while (!this.stopping && !this.pauses.isPaused(accountId)) {
        work.takeRing();
        // While outcomes cannot be recorded, no more is called than could be recorded.
        const wanted = Math.min(ramp.open - work.calling, MOST_UNSETTLED - work.settling);
        const room = this.slots.take(accountId, wanted);
        if (room === 0) {
          await (work.isIdle ? this.slots.givenBack() : work.change());
          continue;
        }
        const claim = await this.claim(accountId, room, work.settling);
        if (claim.kind === 'busy') {
          await delay(5 + Math.random() * 20);
          continue;
        }
        if (claim.kind === 'stopped') {
          this.pauses.pause(accountId, STOPPED_PAUSE_MS);
          break;
        }
        for (const message of claim.messages) this.launch(message, work, ramp);
        if (claim.more) continue;
        if (work.isIdle) break;
        await work.change();
      }
    } finally {
      await work.finish();
    }
  }

  /** Claims for the slots that were taken, and gives back those that nothing was claimed for. */
  private async claim(accountId: string, room: number, settling: number): Promise<Claim> {
    let used = 0;
    try {
      const claim = await this.claims.execute(accountId, room, settling);
      if (claim.kind === 'claimed') used = claim.messages.length;
      return claim;
    } finally {
      this.slots.give(accountId, room - used);
    }
  }

  private launch(message: ClaimedMessage, work: PumpWork, ramp: Ramp): void {
    this.inFlight.add(message.id);
    const call = this.attempts
      .execute(message)
      .then((attempt) => {
        ramp.noteOutcome(attempt.outcome);
        return attempt;
      })
      .catch((error: unknown) => {
        // It stands as `sending` in the database: the look-up settles it.
        this.logger.error({ msg: `An attempt broke off: ${messageOf(error)}`, messageId: message.messageId });
        return null;
      })
      .finally(() => {
        this.slots.give(message.accountId, 1);
      });
    const record = call
      .then((attempt) => (attempt ? this.recorder.record(attempt) : undefined))
      .finally(() => this.inFlight.delete(message.id));
    work.add(call.then((attempt) => attempt?.outcome ?? null), record);
  }
}
