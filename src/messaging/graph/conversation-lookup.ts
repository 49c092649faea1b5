import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import type { AskedPause } from '../message-sender.port.js';
import { Pace } from '../pace/pace.port.js';
import { throttlePauseOf } from './classify-graph-error.js';
import { codeText, graphErrorOf, isRecord, listOf, textOf, type GraphAnswer } from './graph-answer.js';
import { GraphClient } from './graph-client.js';
import { GraphTransportError } from './graph-transport.error.js';
import { regainAccessMs } from './regain-access.js';

/** A message as Instagram's own record of the conversation holds it. Of older ones it gives the id and nothing else. */
export interface ExternalMessage {
  readonly id: string;
  readonly fromId: string | null;
  readonly text: string | null;
  readonly hasAttachments: boolean;
  readonly createdAt: Date | null;
}

export interface ConversationRecord {
  /** Newest first. */
  readonly messages: readonly ExternalMessage[];
  /** There are no older ones. */
  readonly isComplete: boolean;
  /** How far Meta's clock is ahead of ours; behind: negative. */
  readonly clockAheadMs: number;
}

/** Why nothing is asked during a pause. */
export const NO_CALLS = 'Instagram wants no calls for the account for now';

export type LookupResult =
  | { readonly kind: 'found'; readonly record: ConversationRecord; readonly askedAt: Date }
  | {
      readonly kind: 'unanswered';
      readonly reason: string;
      readonly deadToken: boolean;
      /** How long Graph asks to be left alone. */
      readonly retryAfterMs: number | null;
      /** Too many calls: for the account's sends as well, or for all of its app. */
      readonly pause: AskedPause | null;
      readonly askedAt: Date;
    };

const THROTTLED = 'Instagram said so when it was asked what had become of a message; sending goes on when the pause is over.';

const FIELDS = 'messages{id,created_time,from,message,attachments}';

/** Ten look-ups of an account are asked for at once, and two a second go; more than this is another's turn. */
const PATIENCE_MS = 15_000;

/** Reads a conversation's newest messages (details exist for the newest 20 only), within the rate Graph allows. */
@Injectable()
export class ConversationLookup {
  constructor(
    private readonly graph: GraphClient,
    private readonly pace: Pace,
    private readonly clock: Clock,
  ) {}

  /**
   * Never throws. `askedAt` is when the call was made, after its wait for the rate limit.
   *
   * @param mayCall asked after that wait: others may have been refused meanwhile
   */
  async newestMessages(accountId: string, participantId: string, accessToken: string, mayCall: () => boolean): Promise<LookupResult> {
    const turn = await this.pace.take(accountId, ['lookups'], PATIENCE_MS);
    const askedAt = this.clock.now();
    if (!turn.granted) return { ...TOO_MANY, askedAt };
    if (!mayCall()) {
      turn.giveBack();
      return { ...TOO_MANY, reason: NO_CALLS, askedAt };
    }
    const parameters = { platform: 'instagram', user_id: participantId, fields: FIELDS };
    try {
      const answer = await this.graph.get('me/conversations', parameters, accessToken);
      const conversations = isRecord(answer.body) ? answer.body['data'] : null;
      if (answer.status >= 300 || !Array.isArray(conversations)) return unanswered(answer, askedAt);
      const clockAheadMs = clockAhead(answer, this.clock.now());
      const messages: ExternalMessage[] = [];
      let isComplete = !hasMore(answer.body);
      for (const conversation of listOf(conversations).filter(isRecord)) {
        const nested = pageOf(conversation['messages']) ?? (await this.messagesById(accountId, textOf(conversation['id']), accessToken));
        if (nested === null) return { ...TOO_MANY, askedAt };
        if ('status' in nested) return unanswered(nested, askedAt);
        messages.push(...nested.messages);
        isComplete &&= nested.isComplete;
      }
      return { kind: 'found', record: { messages, isComplete, clockAheadMs }, askedAt };
    } catch (error) {
      const reason = error instanceof GraphTransportError ? error.message : 'the look-up broke off';
      return { kind: 'unanswered', reason, deadToken: false, retryAfterMs: null, pause: null, askedAt };
    }
  }

  /** Where Graph does not answer the nested field, it takes a second call; null when its turn did not come. */
  private async messagesById(accountId: string, id: string | null, accessToken: string): Promise<MessagePage | GraphAnswer | null> {
    if (id === null) return { messages: [], isComplete: false };
    if (!(await this.pace.take(accountId, ['lookups'], PATIENCE_MS)).granted) return null;
    const answer = await this.graph.get(encodeURIComponent(id), { fields: FIELDS }, accessToken);
    return (isRecord(answer.body) && answer.status < 300 ? pageOf(answer.body['messages']) : null) ?? answer;
  }
}

const TOO_MANY = { kind: 'unanswered', reason: 'too many look-ups wait', deadToken: false, retryAfterMs: null, pause: null } as const;

function unanswered(answer: GraphAnswer, askedAt: Date): LookupResult {
  const error = graphErrorOf(answer.body);
  const reason = error ? `code ${codeText(error)}` : `HTTP ${String(answer.status)}`;
  const deadToken = error?.code === 190 || error?.code === 102;
  return { kind: 'unanswered', reason, deadToken, retryAfterMs: regainAccessMs(answer.headers), pause: throttlePauseOf(answer, THROTTLED), askedAt };
}

interface MessagePage {
  readonly messages: readonly ExternalMessage[];
  readonly isComplete: boolean;
}

function pageOf(value: unknown): MessagePage | null {
  if (!isRecord(value) || !Array.isArray(value['data'])) return null;
  return { messages: messagesOf(value['data']), isComplete: !hasMore(value) };
}

function hasMore(list: unknown): boolean {
  const paging = isRecord(list) ? list['paging'] : undefined;
  return isRecord(paging) && textOf(paging['next']) !== null;
}

function messagesOf(data: unknown): ExternalMessage[] {
  return listOf(data).filter(isRecord).flatMap((message) => {
    const id = textOf(message['id']);
    if (id === null) return [];
    const from = message['from'];
    const attachments = message['attachments'];
    return [{
      id,
      fromId: isRecord(from) ? textOf(from['id']) : null,
      text: textOf(message['message']),
      hasAttachments: isRecord(attachments) && listOf(attachments['data']).length > 0,
      createdAt: timeOf(message['created_time']),
    }];
  });
}

/** By the answer's own date, which is in whole seconds. */
function clockAhead({ headers }: GraphAnswer, now: Date): number {
  const theirs = Date.parse(headers['date'] ?? '');
  return Number.isNaN(theirs) ? 0 : theirs - now.getTime();
}

/** ISO with `+0000` in real answers; UNIX seconds in the documentation. */
function timeOf(value: unknown): Date | null {
  const at = typeof value === 'number' ? new Date(value * 1000) : typeof value === 'string' ? new Date(isoOf(value)) : null;
  return at === null || Number.isNaN(at.getTime()) ? null : at;
}

/** `+0000` is not quite ISO 8601: the colon is missing. */
function isoOf(text: string): string {
  return text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2');
}
