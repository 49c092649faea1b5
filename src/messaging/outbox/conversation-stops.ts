import { Injectable } from '@nestjs/common';
import { ConversationRepository, type ConversationRow } from '../../conversations/index.js';
import { Clock } from '../../common/clock.js';
import type { Tx } from '../../database/index.js';
import type { ConversationStop } from '../message-sender.port.js';
import { sentence } from '../sentence.js';
import { failed, type AttemptOutcome } from './decide-outcome.js';
import { LONGEST_DELAY_MS } from './delivery.policy.js';
import type { ClaimedMessage } from './outbox-message.js';
import { OutboxRepository } from './outbox.repository.js';
import { OutcomeWriter } from './outcome.writer.js';
import { stopConversation } from './stop-conversation.js';

interface AttemptMade {
  readonly claimed: ClaimedMessage;
  readonly outcome: AttemptOutcome;
  readonly calledAt: Date;
}

interface Stop extends AttemptMade {
  readonly stop: ConversationStop;
  readonly reason: string;
}

/** Conversations in which Instagram lets nothing more be written for now: what rules would say there is not tried again. */
@Injectable()
export class ConversationStops {
  constructor(
    private readonly conversations: ConversationRepository,
    private readonly outbox: OutboxRepository,
    private readonly writer: OutcomeWriter,
    private readonly clock: Clock,
  ) {}

  /** To be called before the sends are locked: whoever applies events locks conversations first. */
  async lock(tx: Tx, attempts: readonly AttemptMade[]): Promise<ReadonlyMap<string, ConversationRow>> {
    // One that is put off for long lets others of its conversation pass: none must be queued there at this moment.
    const putOff = attempts.filter(({ outcome }) => outcome.kind === 'released' && outcome.afterMs > LONGEST_DELAY_MS);
    const wanted = [...stopsOf(attempts), ...putOff];
    if (wanted.length === 0) return new Map();
    return await this.conversations.lockMany(tx, wanted.map(({ claimed }) => ({ accountId: claimed.accountId, id: claimed.conversationId })));
  }

  /** Stops the conversations of those attempts that stand, and fails the replies that wait behind them. */
  async apply(tx: Tx, attempts: readonly AttemptMade[], locked: ReadonlyMap<string, ConversationRow>): Promise<void> {
    const now = this.clock.now();
    for (const { claimed, stop, reason, calledAt } of stopsOf(attempts)) {
      const conversation = locked.get(claimed.conversationId);
      const stopped = conversation && stopConversation(conversation, stop, reason, calledAt, now);
      if (!stopped) continue;
      await this.conversations.upsertMany(tx, [stopped]);
      const behind = await this.outbox.listRepliesBehind(tx, claimed.accountId, claimed.conversationId);
      await this.writer.write(tx, behind.map((send) => ({
        outboxId: send.id, conversationId: send.conversationId,
        decision: failed(send, sentence(`Not sent, since Instagram has just refused the message before it: ${reason}`)),
      })));
    }
  }
}

function stopsOf(attempts: readonly AttemptMade[]): Stop[] {
  return attempts.flatMap((attempt) => {
    const { outcome } = attempt;
    return outcome.kind === 'failed' && outcome.conversation ? [{ ...attempt, stop: outcome.conversation, reason: outcome.reason }] : [];
  });
}
