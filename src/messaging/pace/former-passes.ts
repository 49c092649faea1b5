import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { messageOf } from '../../common/errors.js';
import { TransactionRunner } from '../../database/index.js';
import { SentPrivateReplyRepository } from './sent-private-reply.repository.js';

/** What went out before this process kept count. */
export interface FormerPasses {
  /** How many ms ago each of the account's private replies of the last `windowMs` went out. Never throws. */
  agesOf(accountId: string, windowMs: number): Promise<readonly number[]>;
}

/** Private replies as they stand among the messages. */
@Injectable()
export class SentPrivateReplies implements FormerPasses {
  private readonly logger = new Logger('Pace');

  constructor(
    private readonly transactions: TransactionRunner,
    private readonly sent: SentPrivateReplyRepository,
    private readonly clock: Clock,
  ) {}

  async agesOf(accountId: string, windowMs: number): Promise<readonly number[]> {
    const now = this.clock.now();
    const since = new Date(now.getTime() - windowMs);
    try {
      const times = await this.transactions.read((tx) => this.sent.list(tx, accountId, since));
      // Meta's clock may be ahead of ours.
      return times.map((at) => Math.max(0, now.getTime() - at.getTime()));
    } catch (error) {
      // Nobody is answered any sooner for waiting, and Meta's limit may well not be reached.
      this.logger.warn({ msg: `How many private replies went out in the last hour could not be read, none is counted: ${messageOf(error)}`, accountId });
      return [];
    }
  }
}
