import type { Account, TokenNews } from '../../accounts/index.js';
import type { AskedPause } from '../message-sender.port.js';
import type { AttemptOutcome } from './decide-outcome.js';

/** One call, as far as it tells something of its account. */
export interface AccountCall {
  /** As it was known before the call; null: not at all. */
  readonly account: Account | null;
  readonly accountId: string;
  /** Of the token it was made with. */
  readonly tokenHash: string | null;
  readonly outcome: { readonly kind: AttemptOutcome['kind']; readonly pause?: AskedPause };
  /** When the call began. */
  readonly calledAt: Date;
}

/** What calls say of an account that is not known yet. */
export interface AccountNews {
  readonly accountId: string;
  readonly token: TokenNews | null;
  readonly pause: { readonly asked: AskedPause; readonly calledAt: Date } | null;
  /** Graph took a call that began then, after a pause: it is over. */
  readonly resumedAt: Date | null;
}

/** Pure: the latest word on each account, in the order of the accounts (rows are locked in that order everywhere). */
export function accountNews(calls: readonly AccountCall[]): AccountNews[] {
  const news = new Map<string, AccountNews>();
  for (const call of calls) {
    const { account, accountId, outcome, calledAt } = call;
    const known = news.get(accountId) ?? { accountId, token: null, pause: null, resumedAt: null };
    const token = tokenNewsOf(call);
    const asked = outcome.pause;
    news.set(accountId, {
      accountId,
      token: token && (!known.token || known.token.calledAt <= calledAt) ? token : known.token,
      pause: asked && (!known.pause || known.pause.asked.forMs < asked.forMs) ? { asked, calledAt } : known.pause,
      resumedAt: endsPause(account, outcome) && (!known.resumedAt || known.resumedAt < calledAt) ? calledAt : known.resumedAt,
    });
  }
  return [...news.values()]
    .filter(({ token, pause, resumedAt }) => token ?? pause ?? resumedAt)
    .sort((a, b) => (a.accountId < b.accountId ? -1 : 1));
}

function tokenNewsOf({ account, outcome, tokenHash, calledAt }: AccountCall): TokenNews | null {
  const accepted = outcome.kind === 'sent' && account?.tokenStatus === 'unknown';
  if (tokenHash === null || !(accepted || outcome.kind === 'dead_token')) return null;
  return { tokenHash, status: accepted ? 'valid' : 'invalid', calledAt };
}

/** Taken, or refused for the message's own sake: either way Graph no longer keeps the account waiting. */
function endsPause(account: Account | null, outcome: AccountCall['outcome']): boolean {
  if ((account?.sendingPausedUntil ?? null) === null) return false;
  return (outcome.kind === 'sent' || outcome.kind === 'failed') && !outcome.pause;
}
