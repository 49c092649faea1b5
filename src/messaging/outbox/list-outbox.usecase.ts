import { Injectable } from '@nestjs/common';
import { AccountNotFoundError, AccountRepository, sendingPauseAt, type AccountEntity } from '../../accounts/index.js';
import { Clock } from '../../common/clock.js';
import { decodeCursor, toPage } from '../../common/pagination.js';
import { TransactionRunner, type Tx } from '../../database/index.js';
import type { ListOutboxQuery, ShownStatus } from './dto/list-outbox.query.dto.js';
import { OutboxItemResponse, secondsSince, type OutboxPageResponse, type OutboxSummaryResponse } from './dto/outbox.response.dto.js';
import { OUTBOX_STATUSES, OutboxLogRepository } from './outbox-log.repository.js';
import type { OutboxStatus } from './outbox-message.js';

/** Shows what is still to be sent for an account, oldest first. */
@Injectable()
export class ListOutboxUseCase {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly accounts: AccountRepository,
    private readonly log: OutboxLogRepository,
    private readonly clock: Clock,
  ) {}

  async execute(accountId: string, query: ListOutboxQuery): Promise<OutboxPageResponse> {
    const after = decodeCursor(query.cursor, ['number'])?.[0] ?? 0;
    const now = this.clock.now();
    return await this.transactions.read(async (tx) => {
      const account = await this.accounts.find(tx, accountId);
      if (!account) throw new AccountNotFoundError(accountId);
      const stopped = whyStopped(account, now);
      const rows = await this.log.list(tx, accountId, statusesOf(query.status, stopped !== null), after, query.limit + 1);
      const page = toPage(rows, query.limit, (row) => OutboxItemResponse.from(row, stopped !== null, now), (row) => [row.id]);
      return { ...page, summary: await this.summary(tx, accountId, stopped, now) };
    });
  }

  private async summary(tx: Tx, accountId: string, stopped: string | null, now: Date): Promise<OutboxSummaryResponse> {
    const queued = await this.log.summarize(tx, accountId, 'queued');
    const sending = await this.log.summarize(tx, accountId, 'sending');
    const uncertain = await this.log.summarize(tx, accountId, 'uncertain');
    const times = [queued, sending, uncertain].flatMap(({ oldestAt }) => (oldestAt ? [oldestAt.getTime()] : []));
    const oldestQueuedAt = times.length === 0 ? null : new Date(Math.min(...times));
    return {
      waiting: stopped === null ? queued.count : 0,
      paused: stopped === null ? 0 : queued.count,
      sending: sending.count,
      uncertain: uncertain.count,
      oldestQueuedAt,
      oldestAgeSeconds: secondsSince(oldestQueuedAt, now),
      stopped,
    };
  }
}

/** What is asked for, as the rows have it: whether a queued send waits or is paused is its account's business. */
function statusesOf(shown: ShownStatus | undefined, isStopped: boolean): readonly OutboxStatus[] {
  switch (shown) {
    case undefined:
      return OUTBOX_STATUSES;
    case 'waiting':
      return isStopped ? [] : ['queued'];
    case 'paused':
      return isStopped ? ['queued'] : [];
    case 'sending':
    case 'uncertain':
      return [shown];
  }
}

function whyStopped(account: AccountEntity, now: Date): string | null {
  if (account.status === 'inactive') return 'The account is inactive.';
  if (account.tokenStatus === 'invalid') return 'Instagram no longer accepts the access token of the account.';
  return sendingPauseAt(account, now)?.reason ?? null;
}
