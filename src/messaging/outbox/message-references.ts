import { Injectable } from '@nestjs/common';
import { MessageRepository, type MessageRow } from '../../conversations/index.js';
import type { Tx } from '../../database/index.js';
import type { MessageRef } from './content/outgoing-content.js';
import { externalIdKey } from './outcome.writer.js';
import { cannotSend } from './send.errors.js';

const OUR_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Messages as callers name them: by our id, or by Instagram's. */
@Injectable()
export class MessageReferences {
  constructor(private readonly messages: MessageRepository) {}

  /** @throws AppError when it is no message of this conversation, or none that Instagram can be told about */
  async get(tx: Tx, accountId: string, conversationId: string, given: string): Promise<MessageRef> {
    const row = await this.find(tx, accountId, given);
    if (row?.conversationId !== conversationId) throw cannotSend(`the conversation has no message ${given}`);
    if (row.deletedAt !== null) throw cannotSend(`the message ${given} was unsent`);
    // The column holds the beginning of an id that is longer than any Meta has made.
    if (row.externalId === null || externalIdKey(row.externalId) !== row.externalKey) {
      throw cannotSend(`Instagram has not given the message ${given} an id that could be referred to`);
    }
    return { messageId: row.id, mid: row.externalId };
  }

  private async find(tx: Tx, accountId: string, given: string): Promise<MessageRow | undefined> {
    if (OUR_ID.test(given)) return (await this.messages.get(tx, accountId, given.toLowerCase())) ?? undefined;
    return (await this.messages.findExistingExternal(tx, [{ accountId, externalKey: externalIdKey(given) ?? '' }]))[0];
  }
}
