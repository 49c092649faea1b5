import { Injectable } from '@nestjs/common';
import { MessageRepository, type MessageOutcome, type MessageRow } from '../../conversations/index.js';
import { sha256 } from '../../crypto/index.js';
import type { Tx } from '../../database/index.js';
import type { Decision } from './decide-outcome.js';
import { OutboxRepository } from './outbox.repository.js';

/** What the column holds; Meta's ids have some 164 characters. */
const LONGEST_EXTERNAL_ID = 1000;

export interface DecidedSend {
  readonly outboxId: number;
  readonly conversationId: string;
  readonly decision: Decision;
}

/** The only writer of how sends stand. The caller has locked their outbox rows in the same transaction. */
@Injectable()
export class OutcomeWriter {
  constructor(
    private readonly outbox: OutboxRepository,
    private readonly messages: MessageRepository,
  ) {}

  async write(tx: Tx, sends: readonly DecidedSend[]): Promise<void> {
    if (sends.length === 0) return;
    const outcomes = await this.withKeys(tx, sends);
    await this.messages.recordOutcomes(tx, outcomes);
    await this.outbox.moveOn(tx, sends.flatMap(({ decision }) => (decision.next ? [decision.next] : [])));
    const settled = sends.filter(({ decision }) => decision.next === null);
    await this.outbox.deleteMany(
      tx, settled.map((send) => ({ accountId: send.decision.message.accountId, id: send.outboxId })),
    );
    // What waits behind them in their conversations may go now.
    this.outbox.ringAfterCommit(tx, settled.map((send) => send.decision.message.accountId));
  }

  /**
   * Gives each outcome the key of its mid. An echo that came before the answer, and could not be matched, was recorded
   * as somebody's message: one of the two must remain. A mid that stands for anything else is shown, but not keyed: the
   * key is unique, and must not be able to fail the whole batch.
   */
  private async withKeys(tx: Tx, sends: readonly DecidedSend[]): Promise<MessageOutcome[]> {
    const keyed = sends.map((send) => {
      // The key is of the whole mid, as the inbox and the echoes have it; only the column that shows it is cut.
      const mid = send.decision.message.externalId;
      const externalId = mid?.slice(0, LONGEST_EXTERNAL_ID) ?? null;
      return { send, accountId: send.decision.message.accountId, externalId, externalKey: externalIdKey(mid) };
    });
    const wanted = keyed.flatMap(({ accountId, externalKey }) => (externalKey === null ? [] : [{ accountId, externalKey }]));
    const taken = new Map<string, MessageRow>();
    for (const row of wanted.length > 0 ? await this.messages.findExistingExternal(tx, wanted) : []) {
      taken.set(`${row.accountId} ${String(row.externalKey)}`, row);
    }
    const used = new Set<string>();
    const outcomes: MessageOutcome[] = [];
    for (const { send, accountId, externalId, externalKey } of keyed) {
      const slot = `${accountId} ${String(externalKey)}`;
      const standing = externalKey === null ? undefined : taken.get(slot);
      const free = !standing || standing.id === send.decision.message.id || (await this.mergeEarlyEcho(tx, standing, send));
      const mine = externalKey !== null && free && !used.has(slot);
      if (mine) used.add(slot);
      outcomes.push({ ...send.decision.message, externalId, externalKey: mine ? externalKey : null });
    }
    return outcomes;
  }

  /**
   * The echo of a send was recorded after its message was queued, so it stands behind it; an earlier send of ours, to
   * which Graph gave the same id, stands before it, since a conversation's sends are settled one after the other.
   */
  private async mergeEarlyEcho(tx: Tx, standing: MessageRow, send: DecidedSend): Promise<boolean> {
    if (standing.direction !== 'outbound' || standing.conversationId !== send.conversationId) return false;
    const own = await this.messages.get(tx, standing.accountId, send.decision.message.id);
    if (!own || standing.position < own.position) return false;
    await this.messages.removeDuplicate(tx, standing);
    return true;
  }
}

export function externalIdKey(externalId: string | null): string | null {
  return externalId === null ? null : sha256(externalId);
}
