import { Inject, Injectable } from '@nestjs/common';
import { MessageRepository, type Attachment } from '../../conversations/index.js';
import type { Tx } from '../../database/index.js';
import { AttemptedSendRepository } from './attempted-send.repository.js';
import { ABSENCE_COUNTS_AFTER_MS, CLOCK_TOLERANCE_MS } from './delivery.policy.js';
import { DEPARTURES, type Departures } from './departures.js';
import { canBeSame } from './message-content.js';
import type { OutboxMessage } from './outbox-message.js';
import { externalIdKey, OutcomeWriter, type DecidedSend } from './outcome.writer.js';

export interface Echo {
  readonly accountId: string;
  readonly conversationId: string;
  readonly mid: string;
  readonly text: string | null;
  readonly attachments: readonly Attachment[];
  /** Meta's time of the message. */
  readonly at: Date;
}

/** Tells which message of ours an echo is. Asked by account too: another app's delivery may name any mid. */
export class EchoMatches {
  private readonly byEcho = new Map<string, string>();

  set(accountId: string, mid: string, messageId: string): void {
    this.byEcho.set(`${accountId} ${mid}`, messageId);
  }

  /** Undefined: nobody's we know, so a person typed it. */
  find(accountId: string, mid: string): string | undefined {
    return this.byEcho.get(`${accountId} ${mid}`);
  }
}

/**
 * Recognises our own sends in Meta's echoes, which often come before the answer to the call. A known mid is a
 * confirmation; an unknown one is matched with an attempted, unsettled send of the conversation that has the same
 * content and is not younger than the echo, and settles it as sent.
 */
@Injectable()
export class EchoMatcher {
  constructor(
    private readonly sends: AttemptedSendRepository,
    private readonly messages: MessageRepository,
    private readonly writer: OutcomeWriter,
    @Inject(DEPARTURES) private readonly departures: Pick<Departures, 'isUncalled'>,
  ) {}

  /** To be called in the transaction that applies the echoes, in the order in which they happened. */
  async match(tx: Tx, echoes: readonly Echo[]): Promise<EchoMatches> {
    const matches = new EchoMatches();
    if (echoes.length === 0) return matches;
    // Locked first: whoever is recording the answer either waits, or has committed, and the mid is known below.
    const mayHaveGone = await this.sends.lockAttempted(tx, echoes);
    // An echo that is here before the call is somebody else's, however alike.
    const attempted = mayHaveGone.filter(({ id }) => !this.departures.isUncalled(id));
    await this.matchKnown(tx, echoes, matches);
    const settled: DecidedSend[] = [];
    for (const echo of echoes) {
      if (matches.find(echo.accountId, echo.mid) !== undefined) continue;
      const index = attempted.findIndex((send) => isEchoOf(echo, send));
      const [send] = index < 0 ? [] : attempted.splice(index, 1);
      if (!send) continue;
      matches.set(echo.accountId, echo.mid, send.messageId);
      const message = { accountId: send.accountId, id: send.messageId, status: 'sent', externalId: echo.mid, sentAt: echo.at, error: null } as const;
      settled.push({ outboxId: send.id, conversationId: send.conversationId, decision: { message, next: null } });
    }
    await this.writer.write(tx, settled);
    return matches;
  }

  private async matchKnown(tx: Tx, echoes: readonly Echo[], matches: EchoMatches): Promise<void> {
    const keyed = echoes.map((echo) => ({ echo, accountId: echo.accountId, externalKey: externalIdKey(echo.mid) ?? '' }));
    const known = await this.messages.findExistingExternal(tx, keyed);
    const byKey = new Map(known.map((message) => [`${message.accountId} ${String(message.externalKey)}`, message]));
    const confirmed: { accountId: string; id: string; sentAt: Date }[] = [];
    for (const { echo, accountId, externalKey } of keyed) {
      const message = byKey.get(`${accountId} ${externalKey}`);
      if (!message) continue;
      matches.set(accountId, echo.mid, message.id);
      if (message.direction === 'outbound' && message.sentAt?.getTime() !== echo.at.getTime()) {
        confirmed.push({ accountId, id: message.id, sentAt: echo.at });
      }
    }
    // The answer to a send holds no time; the echo brings Meta's.
    await this.messages.saveSentAt(tx, confirmed);
  }
}

function isEchoOf(echo: Echo, send: OutboxMessage): boolean {
  if (send.accountId !== echo.accountId || send.conversationId !== echo.conversationId || send.attemptedAt === null) return false;
  const afterMs = echo.at.getTime() - send.attemptedAt.getTime();
  if (afterMs < -CLOCK_TOLERANCE_MS) return false;
  if (!echo.text && !canGoWithoutWords(send, afterMs)) return false;
  const attachmentTypes = echo.attachments.map((attachment) => attachment.type);
  return canBeSame(send.request, { text: echo.text, hasAttachments: attachmentTypes.length > 0, attachmentTypes });
}

/**
 * Without words hardly anything tells two messages apart. What is queued again was refused, and may wait for hours while a
 * person sends the customer a photo; or Instagram's record did not show it, or it was a passing error of Instagram's own, after
 * which it may have gone out (`lookups`): then the echo can only be from the time of the call.
 */
function canGoWithoutWords({ status, lookups }: OutboxMessage, afterMs: number): boolean {
  if (status !== 'queued') return true;
  return lookups > 0 && afterMs <= ABSENCE_COUNTS_AFTER_MS + CLOCK_TOLERANCE_MS;
}
