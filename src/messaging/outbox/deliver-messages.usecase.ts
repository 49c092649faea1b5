import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { Clock } from '../../common/clock.js';
import { messageOf } from '../../common/errors.js';
import { TransactionRunner } from '../../database/index.js';
import { laneOf } from '../lanes.js';
import { AccountPauses } from './account-pauses.js';
import { AccountPump, type PumpTools } from './account-pump.js';
import { AttemptSend } from './attempt-send.js';
import { ClaimSends } from './claim-sends.js';
import { MOST_UNSETTLED } from './delivery.policy.js';
import type { ConversationRun } from './conversation-runs.js';
import type { Departing, Departures } from './departures.js';
import { OutboxHints } from './outbox-hints.js';
import type { WaitingGroup } from './outbox-message.js';
import { OutboxRepository } from './outbox.repository.js';
import { OutcomeRecorder } from './outcome.recorder.js';
import { Ramp } from './ramp.js';
import { SendsInHand } from './sends-in-hand.js';
import { Slots } from './slots.js';

/** Calls at once over all accounts. */
const CALLS_AT_ONCE = 1_024;
/** With more in hand than this, decisions wait for them: replies that find no place are queued, and each costs a claim of its own. */
const CROWD = 256;
/** And this long at most. */
const CROWD_PATIENCE_MS = 1_000;
/** Beyond these, those that are as good as new are forgotten. */
const RAMPS_KEPT = 1_000;
/** A database that is away must not keep the process from ending: what is not recorded by then is looked up at the next start. */
const STOP_PATIENCE_MS = 20_000;

/** Sends what is due. Each account has a pump of its own, so that one whose calls hang keeps no other waiting. */
@Injectable()
export class DeliverMessagesUseCase implements Departures {
  private readonly logger = new Logger('DeliverMessages');
  private readonly pumps = new Map<string, AccountPump>();
  /** They outlast the pumps, which come and go with every few messages. */
  private readonly ramps = new Map<string, Ramp>();
  private readonly running = new Map<AccountPump, Promise<void>>();
  private readonly tools: PumpTools;
  readonly inHand = new SendsInHand(CROWD);
  private search: Promise<unknown> = Promise.resolve();
  private nextSearch: Promise<WaitingGroup[]> | null = null;
  private isOpen = false;
  private stopping = false;

  constructor(
    private readonly transactions: TransactionRunner,
    private readonly outbox: OutboxRepository,
    claims: ClaimSends,
    attempts: AttemptSend,
    recorder: OutcomeRecorder,
    private readonly pauses: AccountPauses,
    private readonly hints: OutboxHints,
    private readonly clock: Clock,
  ) {
    this.tools = {
      slots: new Slots(CALLS_AT_ONCE), claims, attempts, recorder, pauses, inHand: this.inHand,
      isStopping: () => this.stopping,
      report: (trouble, { error, ...details }) => {
        this.logger.error({ msg: `${trouble}: ${messageOf(error)}`, ...details });
      },
    };
  }

  /** From now on, what is decided in this process may be handed over claimed. */
  open(): void {
    this.isOpen = true;
  }

  async notCrowded(): Promise<void> {
    await this.inHand.notCrowded(CROWD_PATIENCE_MS);
  }

  book(accountId: string, most: number): number | null {
    if (!this.isOpen || this.stopping || this.pauses.isPaused(accountId)) return null;
    const pump = this.pumps.get(accountId) ?? this.newPump(accountId);
    const places = pump.book(most);
    // Not begun: this is inside a transaction, and what it does must not be.
    if (places !== null && places > 0) this.pumps.set(accountId, pump);
    return places;
  }

  following(accountId: string): number {
    return this.pumps.get(accountId)?.following ?? 0;
  }

  behind(accountId: string, conversationId: string, lastId: number): ConversationRun | null {
    return this.pumps.get(accountId)?.behind(conversationId, lastId) ?? null;
  }

  isUncalled(id: number): boolean {
    return this.inHand.isUncalled(id);
  }

  cancel(accountId: string, places: number): void {
    const pump = this.pumps.get(accountId);
    pump?.cancel(places);
    if (pump) this.begin(accountId, pump);
  }

  depart(accountId: string, sends: readonly Departing[]): void {
    // What was to wait behind another has no place booked: the pump that had the other may have ended with it.
    const pump = this.pumpOf(accountId);
    pump.depart(sends);
    this.begin(accountId, pump);
  }

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
    while (this.running.size > 0) await Promise.all(this.running.values());
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
    if (this.stopping && !this.pumps.has(accountId)) return;
    const pump = this.pumpOf(accountId);
    pump.ring();
    this.begin(accountId, pump);
  }

  private pumpOf(accountId: string): AccountPump {
    const pump = this.pumps.get(accountId) ?? this.newPump(accountId);
    this.pumps.set(accountId, pump);
    return pump;
  }

  private newPump(accountId: string): AccountPump {
    const ramp = this.ramps.get(accountId) ?? new Ramp(MOST_UNSETTLED);
    this.ramps.set(accountId, ramp);
    return new AccountPump(accountId, ramp, this.tools);
  }

  private begin(accountId: string, pump: AccountPump): void {
    if (this.running.has(pump)) return;
    this.running.set(pump, this.keepRunning(accountId, pump));
  }

  /** Never rejects. */
  private async keepRunning(accountId: string, pump: AccountPump): Promise<void> {
    do {
      await pump.run().catch((error: unknown) => {
        // What is due stays due: the sweeper rings again.
        this.logger.error({ msg: `Sending was interrupted: ${messageOf(error)}`, accountId });
      });
    } while (pump.wantsToGoOn());
    this.pumps.delete(accountId);
    this.running.delete(pump);
    if (this.ramps.size <= RAMPS_KEPT) return;
    for (const [id, ramp] of this.ramps) if (ramp.isStale && !this.pumps.has(id)) this.ramps.delete(id);
  }
}
