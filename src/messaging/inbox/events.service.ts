import { Injectable } from '@nestjs/common';
import { AccountNotFoundError, AccountRepository } from '../../accounts/index.js';
import { AuditTrail } from '../../audit/index.js';
import { decodeCursor, toPage, type Page, type PageQuery } from '../../common/pagination.js';
import type { RequestContext } from '../../common/request-context.js';
import { TransactionRunner, type Tx } from '../../database/index.js';
import { Doorbell } from '../../queue/index.js';
import { laneOf } from '../lanes.js';
import { EventResponse } from './dto/event.response.dto.js';
import type { ListEventsQuery } from './dto/list-events.query.dto.js';
import { UnroutedEventResponse } from './dto/unrouted-event.response.dto.js';
import { EventLogRepository, type LoggedEvent } from './event-log.repository.js';
import { EventNotFoundError } from './events.errors.js';
import { parseJsonWithBigInts } from './parsing/json-with-big-ints.js';
import { laneKeyOf, readPayload } from './parsing/read-payload.js';

@Injectable()
export class EventsService {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly events: EventLogRepository,
    private readonly accounts: AccountRepository,
    private readonly audit: AuditTrail,
    private readonly doorbell: Doorbell,
  ) {}

  async list(accountId: string, query: ListEventsQuery): Promise<Page<EventResponse>> {
    const before = decodeCursor(query.cursor, ['number'])?.[0];
    const rows = await this.transactions.read(async (tx) => {
      await this.requireAccount(tx, accountId);
      return await this.events.list(tx, accountId, query.status, before, query.limit + 1);
    });
    return toPage(rows, query.limit, (row) => EventResponse.from(row), (row) => [row.id]);
  }

  async get(accountId: string, eventId: string): Promise<EventResponse> {
    const id = idFrom(eventId);
    const event = await this.transactions.read(async (tx) => {
      await this.requireAccount(tx, accountId);
      return await this.events.find(tx, accountId, id);
    });
    if (!event) throw new EventNotFoundError(eventId);
    return EventResponse.from(event);
  }

  async listUnrouted(query: PageQuery): Promise<Page<UnroutedEventResponse>> {
    const before = decodeCursor(query.cursor, ['number'])?.[0];
    const rows = await this.transactions.read((tx) => this.events.listUnrouted(tx, before, query.limit + 1));
    return toPage(rows, query.limit, (row) => UnroutedEventResponse.from(row), (row) => [row.id]);
  }

  /**
   * Has a settled event applied again. What took effect before does not do so twice: a message that is recorded is
   * neither recorded nor answered again. An event that waits anyway, or can have no effect, stays as it is.
   */
  async replay(ctx: RequestContext, accountId: string, eventId: string): Promise<EventResponse> {
    const id = idFrom(eventId);
    const event = await this.transactions.run(async (tx): Promise<LoggedEvent> => {
      await this.requireAccount(tx, accountId);
      const found = await this.events.find(tx, accountId, id);
      if (!found) throw new EventNotFoundError(eventId);
      const laneKey = laneKeyOf(readPayload(found.kind, parseJsonWithBigInts(found.payload), accountId), accountId);
      if (laneKey === null || !(await this.events.markPendingAgain(tx, accountId, id, laneKey))) return found;
      await this.audit.record(tx, ctx, { action: 'event.replay', accountId, target: eventId, changes: { status: found.status } });
      tx.afterCommit(() => {
        this.doorbell.ring('inbox', laneOf(laneKey));
      });
      return { ...found, status: 'pending', attempts: 0, error: null, processedAt: null };
    });
    return EventResponse.from(event);
  }

  /** Also while the rows of a deleted account are still being removed. */
  private async requireAccount(tx: Tx, accountId: string): Promise<void> {
    if (!(await this.accounts.find(tx, accountId))) throw new AccountNotFoundError(accountId);
  }
}

/** Event ids are numbers of ours; what cannot be one exists in no account. */
function idFrom(eventId: string): number {
  if (!/^[1-9]\d{0,14}$/.test(eventId)) throw new EventNotFoundError(eventId);
  return Number(eventId);
}
