import type { AskedPause, SendOutcome } from '../message-sender.port.js';
import { sentence } from '../sentence.js';
import { codeText, graphErrorOf, type GraphAnswer, type GraphError } from './graph-answer.js';
import { OUTCOMES, UNLISTED, UNLISTED_TRANSIENT, type OutcomeRow, type Range } from './outcome-table.js';
import { isAppUsedUp, regainAccessMs } from './regain-access.js';

const MINUTE_MS = 60_000;
/** The app's limits are those of a sliding hour: a pause shorter than this is hardly ever enough. */
const USED_UP_PAUSE_MS = 5 * MINUTE_MS;
const TOO_MANY_PAUSE_MS = MINUTE_MS;
/** Subcodes this long name one problem each; the short ones mean something else under every code. */
const SHORTEST_OWN_SUBCODE = 1_000_000;

type Verdict = Pick<OutcomeRow, 'outcome' | 'what' | 'cure'>;
type Body = Readonly<Record<string, unknown>>;

/**
 * What an answer other than success means for the message. Decided by code and subcode, never by the (localised) words,
 * and by the status only where there is no code that says it was refused. After any other 5xx nobody knows: Meta may
 * have delivered before it failed.
 *
 * @param body what was sent: some refusals mean something else for a private reply
 */
export function classifyGraphError(answer: GraphAnswer, body: Body = {}): SendOutcome {
  const error = graphErrorOf(answer.body);
  if (!error) return withoutCode(answer);
  const verdict = verdictOn(error);
  const certain = verdict !== UNLISTED && verdict !== UNLISTED_TRANSIENT && verdict.outcome.kind !== 'retry';
  if (answer.status >= 500 && !certain) {
    return { kind: 'unknown', reason: `Instagram answered ${String(answer.status)} (${referenceOf(error)})` };
  }
  return outcomeOf(verdict, error, answer, body);
}

/**
 * The pause that a refused read asks for: only where Graph wants fewer calls. Anything else that it refuses may hold for
 * reads alone, and is no reason to stop sends; null then.
 *
 * @param cure what people are told beside the reason: the table's own words are about a send
 */
export function throttlePauseOf(answer: GraphAnswer, cure: string): AskedPause | null {
  const error = graphErrorOf(answer.body);
  const verdict = error && verdictOn(error).outcome;
  const outcome = classifyGraphError(answer);
  if (outcome.kind !== 'paused' || (verdict?.kind === 'account_paused' && verdict.isPunished)) return null;
  return { ...outcome.pause, reason: sentence(outcome.reason, cure) };
}

function verdictOn(error: GraphError): Verdict {
  const { code, subcode } = error;
  const pair = subcode === null ? undefined : OUTCOMES.find((row) => row.subcode !== null && fits(row.code, code) && fits(row.subcode, subcode));
  const found = pair ?? OUTCOMES.find((row) => row.code === 'any' && (row.subcode === code || row.subcode === subcode))
    ?? (subcode !== null && subcode >= SHORTEST_OWN_SUBCODE ? OUTCOMES.find((row) => row.subcode !== null && fits(row.subcode, subcode)) : undefined);
  if (found) return found;
  const own = OUTCOMES.find((row) => row.subcode === null && row.code === code) ?? OUTCOMES.find((row) => row.subcode === null && fits(row.code, code));
  if (!own) return error.transient ? UNLISTED_TRANSIENT : UNLISTED;
  // A subcode Meta has added since may be about this message alone: no reason to stop the account.
  return subcode !== null && own.outcome.kind === 'permission' ? { ...own, outcome: { kind: 'failed' } } : own;
}

function outcomeOf({ outcome, what, cure }: Verdict, error: GraphError, { headers }: GraphAnswer, body: Body): SendOutcome {
  const code = codeText(error);
  const reason = `${what} (${referenceOf(error)})`;
  const pauseOf = (minutes: number, scope: AskedPause['scope'] = 'account'): AskedPause => ({
    forMs: regainAccessMs(headers) ?? Math.max(minutes * MINUTE_MS, isAppUsedUp(headers) ? USED_UP_PAUSE_MS : 0), scope, reason: sentence(reason, cure),
  });
  switch (outcome.kind) {
    case 'sent':
      if (!isPrivateReply(body)) return { kind: 'failed', reason, cure, code };
      return { kind: 'sent', messageId: null, recipientId: '', note: `${reason}: it counts as done.` };
    case 'retry':
      return { kind: 'retry', retryAfterMs: regainAccessMs(headers), reason, cure, code };
    case 'retry_once':
      return { kind: 'retry', retryAfterMs: null, reason, cure, code, maxAttempts: 2 };
    case 'unknown':
      return { kind: 'unknown', reason };
    case 'failed':
      return { kind: 'failed', reason, cure, code };
    case 'conversation_closed':
      return { kind: 'failed', reason, cure, code, ...(hasOwnWindow(body) ? {} : { conversation: { kind: 'closed' } }) };
    case 'conversation_paused':
      if (isPrivateReply(body)) return { kind: 'failed', reason, cure, code };
      return { kind: 'failed', reason, cure, code, conversation: { kind: 'paused', forMs: outcome.minutes * MINUTE_MS } };
    case 'account_paused':
      return { kind: 'paused', reason, cure, code, pause: pauseOf(outcome.minutes, outcome.app ? 'app' : 'account') };
    case 'account_refused':
      return { kind: 'failed', reason, cure, code, pause: pauseOf(outcome.minutes) };
    case 'permission':
      return { kind: 'failed', reason, cure, code, ...(needsMore(body) ? {} : { pause: pauseOf(outcome.minutes) }) };
    case 'dead_token':
      return { kind: 'dead_token', reason, cure, code };
  }
}

function withoutCode(answer: GraphAnswer): SendOutcome {
  const { status, headers } = answer;
  const code = `HTTP ${String(status)}`;
  // 2xx without a message id, 408: the request was taken, and what became of it was not said.
  if (status >= 500 || status < 300 || status === 408) return { kind: 'unknown', reason: `Instagram's answer said nothing (${code})` };
  if (status === 429) {
    const reason = `Instagram takes no more calls for this account for now (${code})`;
    const forMs = regainAccessMs(headers) ?? (isAppUsedUp(headers) ? USED_UP_PAUSE_MS : TOO_MANY_PAUSE_MS);
    return { kind: 'paused', reason, code, pause: { forMs, scope: 'account', reason: sentence(reason) } };
  }
  return { kind: 'failed', reason: `The answer was not Instagram's (${code})`, cure: 'Check GRAPH_API_BASE_URL and any proxy.', code };
}

/** The code, and the trace id that Meta's support asks for. */
export function referenceOf(error: GraphError): string {
  return `code ${codeText(error)}${error.traceId === null ? '' : `, trace ${error.traceId}`}`;
}

function fits(wanted: number | Range | 'any', value: number): boolean {
  if (wanted === 'any') return false;
  return typeof wanted === 'number' ? wanted === value : wanted.from <= value && value <= wanted.to;
}

function isPrivateReply(body: Body): boolean {
  const recipient = body['recipient'];
  return typeof recipient === 'object' && recipient !== null && 'comment_id' in recipient;
}

/**
 * Private replies and tags have permissions of their own: what they lack, the account's other messages may have. A reaction,
 * or an answer to a message, names that message: should it be what is missing, the account is not to blame.
 */
function needsMore(body: Body): boolean {
  return hasOwnWindow(body) || 'reply_to' in body || 'payload' in body;
}

/** When a private reply or a tagged message may be sent is not what the conversation's window says. */
function hasOwnWindow(body: Body): boolean {
  return isPrivateReply(body) || 'tag' in body;
}
