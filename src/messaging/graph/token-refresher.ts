import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { troubleOf, troubleOfThrown, type AccountTrouble } from './account-trouble.js';
import { isRecord, listOf, textOf, type GraphAnswer } from './graph-answer.js';
import { GraphClient } from './graph-client.js';

export type RefreshResult =
  | { readonly kind: 'refreshed'; readonly accessToken: string; readonly expiresAt: Date }
  | AccountTrouble;

/** What Meta says a refreshed token lives, for an answer that does not. */
const SIXTY_DAYS_S = 60 * 24 * 60 * 60;
const LONGEST_LIFE_S = 10 * 365 * 24 * 60 * 60;
/** As an access token that a person stores; anything else could not be sent in a header. */
const TOKEN = /^[\x21-\x7e]{1,4000}$/;

/** Asks Meta for a longer life of a long-lived token: at least a day old, and not ended. */
@Injectable()
export class TokenRefresher {
  constructor(
    private readonly graph: GraphClient,
    private readonly clock: Clock,
  ) {}

  /** Never throws. The former token stays good: nothing is lost with an answer that does not arrive. */
  async refresh(accessToken: string): Promise<RefreshResult> {
    const askedAt = this.clock.now();
    try {
      return readRefresh(await this.graph.refreshToken(accessToken), askedAt);
    } catch (error) {
      return troubleOfThrown(error);
    }
  }
}

/** Pure. A plain object, or wrapped in `data: [...]` as Meta's guide prints the exchange of tokens. */
export function readRefresh(answer: GraphAnswer, askedAt: Date): RefreshResult {
  const trouble = troubleOf(answer);
  if (trouble) return trouble;
  const body = isRecord(answer.body) ? answer.body : {};
  const wrapped = listOf(body['data'])[0];
  const token = isRecord(wrapped) ? wrapped : body;
  const accessToken = textOf(token['access_token']);
  if (accessToken === null || !TOKEN.test(accessToken)) {
    return { kind: 'unanswered', reason: 'Instagram answered without a token', retryAfterMs: null };
  }
  const given = Number(token['expires_in']);
  const seconds = Number.isFinite(given) && given > 0 ? Math.min(given, LONGEST_LIFE_S) : SIXTY_DAYS_S;
  return { kind: 'refreshed', accessToken, expiresAt: new Date(askedAt.getTime() + seconds * 1000) };
}
