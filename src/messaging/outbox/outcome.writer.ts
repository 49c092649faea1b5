import { Injectable } from '@nestjs/common';
import {
  applyChange, changesOf, ConversationRepository, EarlyChanges, LOOKED_BACK, MessageRepository, type MessageOutcome, type MessageRow,
} from '../../conversations/index.js';
import { Telemetry, type MessageEnd } from '../../common/telemetry.js';
import { sha256 } from '../../crypto/index.js';
import type { Tx } from '../../database/index.js';
import type { Decision } from './decide-outcome.js';
import { FailedSendRepository } from './failed-send.repository.js';
import { OutboxRepository } from './outbox.repository.js';
import { messageEndOf } from './send-result.js';

/** What the column holds; Meta's ids have some 164 characters. */
export const LONGEST_EXTERNAL_ID = 1000;

export interface DecidedSend {
  readonly outboxId: number;
  readonly conversationId: string;
  readonly decision: Decision;
  /** How it is counted, where the decision does not tell. */
  readonly end?: MessageEnd;
}

/** The only writer of how sends stand. The caller has locked their outbox rows in the same transaction. */
@Injectable()
export class OutcomeWriter {
  constructor(
    private readonly outbox: OutboxRepository,
    private readonly failures: FailedSendRepository,
    private readonly messages: MessageRepository,
    private readonly conversations: ConversationRepository,
    private readonly earlyChanges: EarlyChanges,
    private readonly telemetry: Telemetry,
  ) {}

  /** Rings for the accounts of those that are settled. */
  async write(tx: Tx, sends: readonly DecidedSend[]): Promise<void> {
    await this.writeQuietly(tx, sends);
    // What waits behind them in their conversations may go now; or, where one counted against a limit, anything.
    const settled = sends.filter(({ decision }) => decision.next === null);
    this.outbox.ringAfterCommit(tx, settled.map((send) => send.decision.message.accountId));
  }

  /**
   * Rings for nobody: the pumps of the accounts wait for these, and go on by themselves.
   * @returns the accounts of which something stands behind one of them in its conversation, and may go once this is committed
   */
  async writeQuietly(tx: Tx, sends: readonly DecidedSend[]): Promise<ReadonlySet<string>> {
    if (sends.length === 0) return new Set();
    await this.writeMessages(tx, sends);
    await this.outbox.moveOn(tx, sends.flatMap(({ decision }) => (decision.next ? [decision.next] : [])));
    await this.outbox.letPass(tx, sends.flatMap(({ conversationId, decision: { next } }) =>
      next?.status === 'queued' && next.attemptedAt === null ? [{ accountId: next.accountId, conversationId, until: next.nextAttemptAt }] : []));
    const settled = sends.filter(({ decision }) => decision.next === null);
    await this.failures.insertMany(tx, settled.flatMap(({ outboxId, decision }) => {
      const { accountId, status } = decision.message;
      return status === 'failed' ? [{ accountId, outboxId, mayHaveArrived: decision.mayHaveArrived === true }] : [];
    }));
    const behind = await this.outbox.deleteMany(
      tx, settled.map(({ outboxId, conversationId, decision }) => ({ accountId: decision.message.accountId, conversationId, id: outboxId })),
    );
    this.countAfterCommit(tx, sends);
    return behind;
  }

  /** Of sends that had been given up, and counted so: Instagram has delivered them after all. The caller has locked their `failed_sends`. */
  async writeArrived(tx: Tx, sends: readonly Pick<DecidedSend, 'conversationId' | 'decision'>[]): Promise<void> {
    if (sends.length === 0) return;
    await this.writeMessages(tx, sends);
    for (const { decision: { message } } of sends) await this.failures.delete(tx, message.accountId, message.id);
  }

  private async writeMessages(tx: Tx, sends: readonly Pick<DecidedSend, 'conversationId' | 'decision'>[]): Promise<void> {
    const outcomes = await this.withKeys(tx, sends);
    await this.messages.recordOutcomes(tx, outcomes);
    // Somebody may have read it, or reacted, before its mid was known here.
    await this.earlyChanges.settle(
      tx, outcomes.flatMap(({ accountId, externalKey }) => (externalKey === null ? [] : [{ accountId, externalKey }])),
    );
  }

  private countAfterCommit(tx: Tx, sends: readonly DecidedSend[]): void {
    const ends = sends.flatMap(({ decision, end }) => end ?? messageEndOf(decision) ?? []);
    tx.afterCommit(() => {
      for (const end of ends) this.telemetry.messageEnded(end);
    });
  }

  /**
   * Gives each outcome the key of its mid. An echo that came before the answer, and could not be matched, was recorded
   * as somebody's message: one of the two must remain. A mid that stands for anything else is shown, but not keyed: the
   * key is unique, and must not be able to fail the whole batch.
   */
  private async withKeys(tx: Tx, sends: readonly Pick<DecidedSend, 'conversationId' | 'decision'>[]): Promise<MessageOutcome[]> {
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
  private async mergeEarlyEcho(tx: Tx, standing: MessageRow, send: Pick<DecidedSend, 'conversationId' | 'decision'>): Promise<boolean> {
    if (standing.direction !== 'outbound' || standing.conversationId !== send.conversationId) return false;
    const own = await this.messages.get(tx, standing.accountId, send.decision.message.id);
    if (!own || standing.position < own.position) return false;
    const removed = await this.messages.removeDuplicate(tx, standing);
    if (!removed) return true;
    // What was done to the echo was done to this message; and no person has taken over.
    await this.messages.saveChanges(tx, [changesOf(removed).reduce(applyChange, own)]);
    await this.undoTakeover(tx, removed);
    return true;
  }

  /**
   * Of an echo that was our own, and does not stand as somebody else's any more. Only what it changed: a later takeover, and an
   * operator's word (`Takeovers`), stand.
   */
  async undoTakeover(tx: Tx, { accountId, conversationId, details }: MessageRow): Promise<void> {
    const [conversation] = (await this.conversations.lockMany(tx, [{ accountId, id: conversationId }])).values();
    if (!conversation || !details?.elsewhere) return;
    const { pausedUntil, turns, turnsSince } = details.elsewhere;
    const itsPause = pausedUntil !== null && conversation.takeoverUntil?.toISOString() === pausedUntil;
    await this.conversations.saveTakeover(tx, {
      ...conversation,
      takeoverUntil: itsPause ? await this.otherTakeover(tx, accountId, conversationId) : conversation.takeoverUntil,
      automaticTurns: conversation.automaticTurns + turns,
      automaticTurnsSince: turnsSince === null ? conversation.automaticTurnsSince : new Date(turnsSince),
    });
  }

  private async otherTakeover(tx: Tx, accountId: string, conversationId: string): Promise<Date | null> {
    const newest = await this.messages.listByConversation(tx, accountId, conversationId, null, LOOKED_BACK);
    const pauses = newest.flatMap(({ details }) => details?.elsewhere?.pausedUntil ?? []).sort();
    const last = pauses.at(-1);
    return last === undefined ? null : new Date(last);
  }
}

export function externalIdKey(externalId: string | null): string | null {
  return externalId === null ? null : sha256(externalId);
}
