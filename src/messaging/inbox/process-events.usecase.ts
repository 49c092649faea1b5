import { Injectable, Logger } from '@nestjs/common';
import { LockedAccounts } from '../../accounts/index.js';
import { Clock } from '../../common/clock.js';
import { messageOf } from '../../common/errors.js';
import { Telemetry, type EventResult } from '../../common/telemetry.js';
import { Dialect, TransactionRunner } from '../../database/index.js';
import { EventApplier } from './event-applier.js';
import { groupBy } from '../group-by.js';
import { InboxEventRepository } from './inbox-event.repository.js';
import { InboxLaneRepository } from './inbox-lane.repository.js';
import { turnKeyOf, type DueEvent } from './inbox-event.js';
import { inTurn, readEvent } from './read-event.js';
import { nextAttempt } from './retry.policy.js';

/** Large enough to share the cost of a commit, small enough that a failure undoes little, and that a lane's turn comes soon behind 64 full ones. */
export const EVENTS_PER_BATCH = 100;

/** `idle`: nothing more is due. `more`: come again. `busy`: another instance has the lane. */
export type LaneState = 'idle' | 'more' | 'busy';

interface SetResult {
  readonly state: LaneState;
  /** Due events of conversations in which an attempt has failed before: they must not take a whole set with them again. */
  readonly troubled: readonly DueEvent[];
}

/** Applies what is due in one lane. */
@Injectable()
export class ProcessEventsUseCase {
  private readonly logger = new Logger('Events');

  constructor(
    private readonly transactions: TransactionRunner,
    private readonly lanes: InboxLaneRepository,
    private readonly events: InboxEventRepository,
    private readonly applier: EventApplier,
    private readonly clock: Clock,
    private readonly dialect: Dialect,
    private readonly telemetry: Telemetry,
    private readonly locked: LockedAccounts,
  ) {}

  async execute(lane: number): Promise<LaneState> {
    const { state, troubled } = await this.applySet(lane).catch((error: unknown) => this.afterFailedSet(lane, error));
    for (const conversation of groupBy(troubled, turnKeyOf).values()) {
      await this.applyOneByOne(lane, conversation);
    }
    return state;
  }

  private async applySet(lane: number): Promise<SetResult> {
    let accounts: readonly string[] = [];
    return await this.transactions.run<SetResult>(async (tx) => {
      if (!(await this.lanes.lock(tx, lane))) return { state: 'busy', troubled: [] };
      const now = this.clock.now();
      const { events, more } = await this.lanes.listDue(tx, lane, now, EVENTS_PER_BATCH, this.locked.ids);
      accounts = events.map((event) => event.accountId);
      const failedIn = new Set(events.filter((event) => event.attempts > 0).map(turnKeyOf));
      const sound = events.filter((event) => !failedIn.has(turnKeyOf(event)));
      const settled = await this.applier.apply(tx, sound, now);
      tx.afterCommit(() => {
        for (const { event, status } of settled) this.report(event, status, now);
      });
      const isCut = settled.length < sound.length;
      return { state: more || isCut ? 'more' : 'idle', troubled: events.filter((event) => failedIn.has(turnKeyOf(event))) };
    }).catch(async (error: unknown) => {
      if (!(await this.areLocked(accounts, error))) throw error;
      return { state: 'more', troubled: [] }; // without them
    });
  }

  /** Whether the wait was for the row of one of these accounts. They are left out until it is free; the sweep comes back for them. */
  private async areLocked(accounts: readonly string[], error: unknown): Promise<boolean> {
    return this.dialect.isLockWait(error) && (await this.locked.find(accounts)).size > 0;
  }

  /** One event can undo a whole set. Then every conversation is taken by itself, and only that event waits. */
  private async afterFailedSet(lane: number, error: unknown): Promise<SetResult> {
    if (this.dialect.isPassing(error)) throw error;
    this.logger.warn(`A set of events of lane ${String(lane)} failed and is taken apart: ${messageOf(error)}`);
    return await this.transactions.run(async (tx) => {
      // Read while the lane stands still: what another instance puts off between two queries must not let its successor by.
      if (!(await this.lanes.lock(tx, lane))) return { state: 'busy', troubled: [] };
      const { events, more } = await this.lanes.listDue(tx, lane, this.clock.now(), EVENTS_PER_BATCH, this.locked.ids);
      return { state: more ? 'more' : 'idle', troubled: events };
    });
  }

  private async applyOneByOne(lane: number, events: readonly DueEvent[]): Promise<void> {
    for (const event of turnsOf(events)) {
      if (!(await this.applyAlone(lane, event))) return;
    }
  }

  /** @returns false when the later events of its conversation have to wait */
  private async applyAlone(lane: number, event: DueEvent): Promise<boolean> {
    try {
      return await this.transactions.run(async (tx) => {
        const now = this.clock.now();
        const current = (await this.lanes.lock(tx, lane)) ? await this.lanes.findDue(tx, lane, event, now) : null;
        if (!current) return false; // another instance is on it, or has put it off
        const [settled] = await this.applier.apply(tx, [current], now);
        tx.afterCommit(() => {
          if (settled) this.report(current, settled.status, now);
        });
        return true;
      });
    } catch (error) {
      if (await this.areLocked([event.accountId], error)) return false;
      if (this.dialect.isPassing(error)) throw error; // it must not cost the event an attempt
      return await this.putOff(lane, event, error);
    }
  }

  private async putOff(lane: number, event: DueEvent, error: unknown): Promise<boolean> {
    const now = this.clock.now();
    const again = nextAttempt(event.attempts + 1, now);
    const written = await this.transactions.run(async (tx) => {
      if (!(await this.lanes.lock(tx, lane)) || !(await this.lanes.findDue(tx, lane, event, now))) return false;
      await this.events.markFailed(tx, event, messageOf(error), again, now);
      tx.afterCommit(() => {
        this.report(event, again ? 'retry' : 'dead', now);
      });
      return true;
    });
    // Another instance has the lane: the event stands where it stood, and those behind it wait.
    if (!written) return false;
    this.logger.error(
      `Event ${String(event.id)} of account ${event.accountId} ${again ? 'failed and is tried again' : 'is dead'}: ${messageOf(error)}`,
      error instanceof Error ? error.stack : undefined,
    );
    return again === null;
  }

  private report(event: DueEvent, result: EventResult, now: Date): void {
    this.telemetry.eventSettled(event.kind, result, Math.max(0, now.getTime() - event.receivedAt.getTime()) / 1000);
  }
}

/** As in a set. One that cannot be read fails when its own turn comes, with its reason, and so must not fail here. */
function turnsOf(events: readonly DueEvent[]): readonly DueEvent[] {
  try {
    return inTurn(events.map(readEvent)).map(({ event }) => event);
  } catch {
    return events.toSorted((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime() || a.id - b.id);
  }
}
