import { Inject, Injectable } from '@nestjs/common';
import { MessageRepository, type Attachment } from '../../conversations/index.js';
import type { Tx } from '../../database/index.js';
import { groupBy } from '../group-by.js';
import { AttemptedSendRepository } from './attempted-send.repository.js';
import type { Decision } from './decide-outcome.js';
import { ABSENCE_COUNTS_AFTER_MS, CLOCK_TOLERANCE_MS, mayHaveGoneSince } from './delivery.policy.js';
import { DEPARTURES, type Departures } from './departures.js';
import { FailedSendRepository, type UnknownSend } from './failed-send.repository.js';
import { canBeSame, type SeenMessage } from './message-content.js';
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
 * content and was called (for a text that was called more than once: queued) before it, and settles it as sent; or, failing
 * that, with one that was given up without being known to have arrived.
 */
@Injectable()
export class EchoMatcher {
  constructor(
    private readonly sends: AttemptedSendRepository,
    private readonly failures: FailedSendRepository,
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
    const unmatched = () => echoes.filter(({ accountId, mid }) => matches.find(accountId, mid) === undefined);
    // Given up, it was called before any that stands: an echo from before the latest call of that is of the one given up.
    await this.matchGivenUp(tx, unmatched().filter((echo) => attempted.some((send) => isEchoOf(echo, send) && isOfEarlierCall(echo, send))), matches);
    const settled: DecidedSend[] = [];
    for (const echo of echoes) {
      if (matches.find(echo.accountId, echo.mid) !== undefined) continue;
      const index = attempted.findIndex((send) => isEchoOf(echo, send));
      const [send] = index < 0 ? [] : attempted.splice(index, 1);
      if (!send) continue;
      matches.set(echo.accountId, echo.mid, send.messageId);
      settled.push({ outboxId: send.id, conversationId: send.conversationId, decision: sentAs(echo, send.messageId) });
    }
    await this.writer.write(tx, settled);
    await this.matchGivenUp(tx, unmatched(), matches);
    return matches;
  }

  /** Where the way was cut off in both directions for long, the echoes of what went out last come when it has been given up. */
  private async matchGivenUp(tx: Tx, echoes: readonly Echo[], matches: EchoMatches): Promise<void> {
    for (const [accountId, theirs] of groupBy(echoes, (echo) => echo.accountId)) {
      const first = new Date(Math.min(...theirs.map(({ at }) => at.getTime())));
      const unknown = await this.failures.listUnknown(tx, accountId, first);
      const arrived: Pick<DecidedSend, 'conversationId' | 'decision'>[] = [];
      for (const echo of theirs) {
        const index = unknown.findIndex((send) => isEchoOfGivenUp(echo, send));
        const [send] = index < 0 ? [] : unknown.splice(index, 1);
        if (!send) continue;
        matches.set(accountId, echo.mid, send.messageId);
        // Gone: somebody is sending it again, and how that ends is what counts. The echo is ours all the same.
        if (!(await this.failures.lock(tx, accountId, send.messageId))) continue;
        arrived.push({ conversationId: send.conversationId, decision: sentAs(echo, send.messageId) });
      }
      await this.writer.writeArrived(tx, arrived);
    }
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

function sentAs({ accountId, mid, at }: Echo, messageId: string): Decision {
  return { message: { accountId, id: messageId, status: 'sent', externalId: mid, sentAt: at, error: null }, next: null };
}

/**
 * From between its being queued and the time it was given up: what comes later is a person's, though it were the same. Without
 * words hardly anything tells two messages apart, and it may have waited for hours before it was called.
 */
function isEchoOfGivenUp(echo: Echo, send: UnknownSend): boolean {
  if (send.conversationId !== echo.conversationId || !echo.text) return false;
  if (!isSince(echo, send.createdAt) || echo.at > send.failedAt) return false;
  return canBeSame(send.request, seenOf(echo));
}

function isEchoOf(echo: Echo, send: OutboxMessage): boolean {
  const { attemptedAt } = send;
  if (send.accountId !== echo.accountId || send.conversationId !== echo.conversationId || attemptedAt === null) return false;
  if (!isSince(echo, mayHaveGoneSince(send, attemptedAt))) return false;
  if (!echo.text && !canGoWithoutWords(send, echo.at.getTime() - attemptedAt.getTime())) return false;
  return canBeSame(send.request, seenOf(echo));
}

function isOfEarlierCall(echo: Echo, { attemptedAt }: OutboxMessage): boolean {
  return attemptedAt !== null && !isSince(echo, attemptedAt);
}

/** By two clocks. */
function isSince({ at }: Echo, since: Date): boolean {
  return at.getTime() >= since.getTime() - CLOCK_TOLERANCE_MS;
}

function seenOf({ text, attachments }: Echo): SeenMessage {
  return { text, hasAttachments: attachments.length > 0, attachmentTypes: attachments.map(({ type }) => type) };
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
