import { codeText, graphErrorOf, type GraphAnswer, type GraphError } from './graph-answer.js';
import { GraphTransportError } from './graph-transport.error.js';
import { regainAccessMs } from './regain-access.js';

/** Why a call about an account itself (its token, its subscription) came to nothing. Reasons are for people. */
export type AccountTrouble =
  /** Graph no longer accepts the token. */
  | { readonly kind: 'dead_token'; readonly reason: string }
  /** Graph will answer the same again: a parameter, a permission. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It may well work later. */
  | { readonly kind: 'unanswered'; readonly reason: string; readonly retryAfterMs: number | null };

/** Temporary errors and rate limits. */
const LATER = new Set([-1, 1, 2, 4, 17, 32, 341, 368, 613, 80001, 80002, 80006]);

const DEAD_BECAUSE: Readonly<Record<number, string>> = {
  458: 'the app was removed on Instagram',
  459: 'Instagram wants the owner to log in and pass a check',
  460: 'the password was changed',
  463: 'it has expired',
  464: 'the account is not confirmed',
  467: 'it is not valid',
};

/** Pure; null: the answer is no refusal. By code and subcode, never by the (localised) words. */
export function troubleOf(answer: GraphAnswer): AccountTrouble | null {
  const error = graphErrorOf(answer.body);
  const later = (reason: string): AccountTrouble => ({
    kind: 'unanswered', reason, retryAfterMs: regainAccessMs(answer.headers),
  });
  if (error) {
    if (isDeadToken(error)) return { kind: 'dead_token', reason: deadWords(error) };
    if (LATER.has(error.code) || error.transient || answer.status >= 500) return later(`Instagram had a problem (code ${codeText(error)})`);
    return { kind: 'refused', reason: refusedWords(error) };
  }
  // Not Instagram's words: a proxy, or an outage.
  return answer.status >= 300 ? later(`Instagram answered HTTP ${String(answer.status)}`) : null;
}

export function troubleOfThrown(error: unknown): AccountTrouble {
  const reason = error instanceof GraphTransportError ? error.message : 'the call to Instagram broke off';
  return { kind: 'unanswered', reason, retryAfterMs: null };
}

export function isDeadToken(error: GraphError): boolean {
  return error.code === 190 || error.code === 102;
}

function deadWords(error: GraphError): string {
  const because = DEAD_BECAUSE[error.subcode ?? 0];
  return `Instagram no longer accepts the access token${because === undefined ? '' : `: ${because}`} (code ${codeText(error)})`;
}

function refusedWords(error: GraphError): string {
  const permission = error.code === 3 || error.code === 10 || (error.code >= 200 && error.code <= 299);
  return `${permission ? 'the app or the token lacks a permission' : 'Instagram does not accept it'} (code ${codeText(error)})`;
}
