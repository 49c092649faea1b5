import { Injectable } from '@nestjs/common';
import { ConversationErasureRepository, type Erasure } from '../../conversations/index.js';
import type { Tx } from '../../database/index.js';
import { FailedSendRepository } from '../outbox/failed-send.repository.js';
import { OutboxRepository } from '../outbox/outbox.repository.js';

/** Takes a conversation's messages out, with what it would take to send failed ones again. */
@Injectable()
export class EraseMessages {
  constructor(
    private readonly erasures: ConversationErasureRepository,
    private readonly failures: FailedSendRepository,
    private readonly outbox: OutboxRepository,
  ) {}

  /** @returns from which place on there may be more; null: nowhere */
  async erasePiece(tx: Tx, erasure: Erasure, from: number, limit: number): Promise<number | null> {
    const { accountId } = erasure;
    const found = await this.erasures.listMessages(tx, erasure, from, limit);
    if (found.length === 0) return null;
    const ids = found.map((message) => message.id);
    // First: who queues a failed one again holds its row here, and is seen in the outbox afterwards.
    await this.failures.deleteMany(tx, accountId, ids);
    const unsettled = await this.outbox.findUnsettled(tx, accountId, ids);
    const settled = ids.filter((id) => !unsettled.has(id));
    await this.erasures.deleteMessages(tx, accountId, settled);
    return found.length < limit || settled.length === 0 ? null : (found.at(-1)?.position ?? null);
  }
}
