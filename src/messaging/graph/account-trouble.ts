import { classifyGraphError, referenceOf } from './classify-graph-error.js';
import { graphErrorOf, type GraphAnswer, type GraphError } from './graph-answer.js';
import { GraphTransportError } from './graph-transport.error.js';
import { regainAccessMs } from './regain-access.js';

/** Why a call about an account itself (its token, its subscription) came to nothing. Reasons are for people. */
export type AccountTrouble =
  /** Graph no longer accepts the token. */
  | { readonly kind: 'dead_token'; readonly reason: string; readonly cure: string }
  /** Graph will answer the same again: a parameter, a permission. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It may well work later. */
  | { readonly kind: 'unanswered'; readonly reason: string; readonly retryAfterMs: number | null };

/** Temporary errors and rate limits. */
const LATER = new Set([-1, 1, 2, 4, 17, 32, 341, 368, 613, 80001, 80002, 80006]);

/** Pure; null: the answer is no refusal. By code and subcode, never by the (localised) words; what kills a token is said by the table of outcomes. */
export function troubleOf(answer: GraphAnswer): AccountTrouble | null {
  const error = graphErrorOf(answer.body);
  const later = (reason: string): AccountTrouble => ({
    kind: 'unanswered', reason, retryAfterMs: regainAccessMs(answer.headers),
  });
  if (error) {
    const outcome = classifyGraphError(answer);
    if (outcome.kind === 'dead_token') return { kind: 'dead_token', reason: outcome.reason, cure: outcome.cure ?? '' };
    if (LATER.has(error.code) || error.transient || answer.status >= 500) return later(`Instagram had a problem (${referenceOf(error)})`);
    return { kind: 'refused', reason: refusedWords(error) };
  }
  // Not Instagram's words: a proxy, or an outage.
  return answer.status >= 300 ? later(`Instagram answered HTTP ${String(answer.status)}`) : null;
}

export function troubleOfThrown(error: unknown): AccountTrouble {
  const reason = error instanceof GraphTransportError ? error.message : 'the call to Instagram broke off';
  return { kind: 'unanswered', reason, retryAfterMs: null };
}

export function lacksPermission({ code }: GraphError): boolean {
  return code === 3 || code === 10 || (code >= 200 && code <= 299);
}

function refusedWords(error: GraphError): string {
  return `${lacksPermission(error) ? 'the app or the token lacks a permission' : 'Instagram does not accept it'} (${referenceOf(error)})`;
}
