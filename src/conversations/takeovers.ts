import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/index.js';
import { withDetails } from './changes/with-details.js';
import type { ConversationRow } from './conversation.js';
import { MessageRepository } from './message.repository.js';

/** Messages among which those typed elsewhere are looked for. */
export const LOOKED_BACK = 100;

/** What messages typed elsewhere are remembered to have done to automation. */
@Injectable()
export class Takeovers {
  constructor(private readonly messages: MessageRepository) {}

  /**
   * An operator has decided. None of them pauses anything any more; nor, where automation was resumed, is there a count of
   * answers left to go back to. Else one that proves to have been our own would bring back what the operator has ended. The
   * caller holds the conversation's lock.
   */
  async end(tx: Tx, { accountId, id }: ConversationRow, isResumed: boolean): Promise<void> {
    const newest = await this.messages.listByConversation(tx, accountId, id, null, LOOKED_BACK);
    const keys = newest.flatMap(({ details, externalKey }) =>
      details?.elsewhere === undefined || externalKey === null ? [] : [{ accountId, externalKey }]);
    const typed = await this.messages.lockByExternalKeys(tx, keys);
    await this.messages.saveChanges(tx, typed.flatMap((row) => {
      const elsewhere = row.details?.elsewhere;
      if (elsewhere === undefined) return [];
      const ended = { ...elsewhere, pausedUntil: null, ...(isResumed ? { turns: 0, turnsSince: null } : {}) };
      return [{ ...row, details: withDetails(row.details, { elsewhere: ended }) }];
    }));
  }
}
