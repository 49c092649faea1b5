import type { SendOutcome } from '../message-sender.port.js';
import { codeText, graphErrorOf, type GraphAnswer, type GraphError } from './graph-answer.js';
import { regainAccessMs } from './regain-access.js';

/** Not a rate limit but a punishment: calling on makes it longer. */
const POLICY_PAUSE_MS = 60 * 60_000;

type Verdict = 'retry' | 'retry_once' | 'failed' | 'unknown' | 'dead_token' | 'throttled' | 'policy_pause';

/** By `code/subcode` where the pair says something else than the code alone. */
const BY_PAIR: Readonly<Record<string, readonly [Verdict, string]>> = {
  '1/99': ['failed', 'the app lacks a permission for this account'],
  '1/1357046': ['unknown', 'Instagram reported an error although the message may have gone out'],
  '2/1545133': ['retry', 'Instagram is temporarily unavailable'],
  '10/2534022': ['failed', "the messaging window is closed: 24 hours have passed since the customer's last message"],
  '10/2018278': ['failed', "the messaging window is closed: 24 hours have passed since the customer's last message"],
  '10/2018065': ['failed', "the messaging window is closed: 24 hours have passed since the customer's last message"],
  '10/2018108': ['failed', 'this person cannot receive messages at the moment'],
  '10/1893063': ['policy_pause', 'Instagram has restricted the account for a while'],
  '10/2534077': ['failed', "the account's connection or two-factor login must be set right on Instagram"],
  '100/33': ['failed', 'the account does not exist for this token, or the token lacks the permission'],
  '100/2018001': ['failed', 'Instagram knows no such recipient'],
  '100/2534014': ['failed', 'Instagram knows no such recipient'],
  '100/2018008': ['retry_once', 'Instagram could not fetch the attachment'],
  '100/2018047': ['retry_once', 'Instagram could not fetch the attachment, or it is of another type than said'],
  '100/2018294': ['retry_once', 'Instagram could not fetch the video in time'],
  '100/2018109': ['failed', 'the attachment is too big'],
  '100/2534015': ['failed', 'Instagram does not accept this message'],
  '100/2534025': ['failed', 'the comment was answered already, or can no longer be answered privately'],
  '100/2534029': ['failed', 'Instagram has blocked the account from sending messages'],
  '100/2534037': ['failed', 'another app has taken over this conversation'],
  '100/2018300': ['failed', 'another app has taken over this conversation'],
  '200/2534041': ['failed', "the account's owner has switched off access to messages on Instagram"],
  '200/1545041': ['failed', 'this person is not available'],
  '613/2018338': ['failed', 'Instagram says the message tag was used too often or wrongly'],
};

const BY_CODE: Readonly<Record<number, readonly [Verdict, string]>> = {
  [-1]: ['retry', 'Instagram had a temporary error'],
  1: ['retry', 'Instagram had a temporary error'],
  2: ['retry', 'Instagram is temporarily unavailable'],
  341: ['retry', 'Instagram reports a temporary limit'],
  3: ['failed', 'the app lacks a capability'],
  4: ['throttled', 'Instagram allows the app no more calls for now'],
  10: ['failed', 'a permission is missing or was revoked: connect the account again'],
  17: ['throttled', 'Instagram allows the account no more calls for now'],
  32: ['throttled', 'Instagram allows the account no more calls for now'],
  100: ['failed', 'Instagram does not accept a parameter of this message'],
  102: ['dead_token', 'Instagram no longer accepts the access token'],
  190: ['dead_token', 'Instagram no longer accepts the access token'],
  230: ['failed', 'the customer has not consented'],
  368: ['policy_pause', 'Instagram has blocked sending for a while'],
  506: ['failed', 'Instagram refused a duplicate'],
  551: ['failed', 'this person is not available'],
  613: ['throttled', 'Instagram allows the account no more calls for now'],
  80001: ['throttled', 'Instagram allows the account no more calls for now'],
  80002: ['throttled', 'Instagram allows the account no more calls for now'],
  80006: ['throttled', 'Instagram allows the account no more calls for now'],
  36103: ['failed', 'the account is not eligible'],
  2534001: ['failed', 'the conversation was archived or deleted'],
  9000001: ['failed', 'the message was deleted'],
};

/**
 * What an answer other than success means for the message. Decided by code and subcode, never by the (localised) words,
 * and by the status only where there is no code. A 5xx is always unknown: Meta may have delivered before it failed.
 */
export function classifyGraphError(answer: GraphAnswer): SendOutcome {
  const error = graphErrorOf(answer.body);
  if (answer.status >= 500) {
    return { kind: 'unknown', reason: `Instagram answered ${String(answer.status)}${error ? ` (code ${codeText(error)})` : ''}` };
  }
  return error ? byCode(error, answer) : withoutCode(answer);
}

function byCode(error: GraphError, answer: GraphAnswer): SendOutcome {
  const code = codeText(error);
  const [verdict, words] = BY_PAIR[code] ?? BY_CODE[error.code] ?? unlisted(error);
  const reason = `${words} (code ${code})`;
  switch (verdict) {
    case 'retry':
      return { kind: 'retry', retryAfterMs: null, reason, code };
    case 'retry_once':
      return { kind: 'retry', retryAfterMs: null, reason, code, maxAttempts: 2 };
    case 'failed':
      return { kind: 'failed', reason, code };
    case 'unknown':
      return { kind: 'unknown', reason };
    case 'dead_token':
      return { kind: 'dead_token', reason, code };
    case 'throttled':
      return { kind: 'throttled', retryAfterMs: regainAccessMs(answer.headers), reason };
    case 'policy_pause':
      return { kind: 'throttled', retryAfterMs: regainAccessMs(answer.headers) ?? POLICY_PAUSE_MS, reason };
  }
}

/** A code Meta has added since: what it calls transient is tried again, the rest is shown to people instead of repeated. */
function unlisted(error: GraphError): readonly [Verdict, string] {
  if (error.code >= 200 && error.code <= 299) return ['failed', 'the app lacks a permission for this account'];
  return error.transient ? ['retry', 'Instagram had a temporary error'] : ['failed', 'Instagram refused the message'];
}

function withoutCode(answer: GraphAnswer): SendOutcome {
  const { status } = answer;
  const code = `HTTP ${String(status)}`;
  if (status === 429) {
    return { kind: 'throttled', retryAfterMs: regainAccessMs(answer.headers), reason: 'too many calls (HTTP 429)' };
  }
  // 2xx without a message id, 408: the request was taken, and what became of it was not said.
  if (status < 300 || status === 408) return { kind: 'unknown', reason: `Instagram's answer said nothing (${code})` };
  return { kind: 'failed', reason: `the answer was not Instagram's (${code}): check GRAPH_API_BASE_URL and any proxy`, code };
}
