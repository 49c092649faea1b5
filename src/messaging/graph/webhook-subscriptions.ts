import { Injectable } from '@nestjs/common';
import type { SubscriptionEnder, SubscriptionToEnd } from '../../accounts/index.js';
import { troubleOf, troubleOfThrown, type AccountTrouble } from './account-trouble.js';
import { isRecord, listOf, textOf } from './graph-answer.js';
import { GraphClient } from './graph-client.js';

export type SubscribedFields = { readonly kind: 'answered'; readonly fields: readonly string[] } | AccountTrouble;
export type SubscribeResult = { readonly kind: 'subscribed' } | AccountTrouble;

/** `/{account}/subscribed_apps`: which webhooks of an account Meta sends to the app its token is of. */
@Injectable()
export class WebhookSubscriptions implements SubscriptionEnder {
  constructor(private readonly graph: GraphClient) {}

  /** Never throws; no fields: not subscribed. */
  async find(accountId: string, accessToken: string): Promise<SubscribedFields> {
    try {
      const answer = await this.graph.get(edge(accountId), {}, accessToken);
      const trouble = troubleOf(answer);
      if (trouble) return trouble;
      if (!isRecord(answer.body) || !Array.isArray(answer.body['data'])) return saidNothing();
      const apps = listOf(answer.body['data']).filter(isRecord);
      const fields = apps.flatMap((app) => listOf(app['subscribed_fields'])).map(textOf);
      return { kind: 'answered', fields: [...new Set(fields.filter((field) => field !== null))] };
    } catch (error) {
      return troubleOfThrown(error);
    }
  }

  /** Never throws. All of the fields, or none: one that Meta refuses costs the others. */
  async subscribe(accountId: string, fields: readonly string[], accessToken: string): Promise<SubscribeResult> {
    try {
      const answer = await this.graph.post(edge(accountId), {}, accessToken, { subscribed_fields: fields.join(',') });
      const trouble = troubleOf(answer);
      if (trouble) return trouble;
      return isRecord(answer.body) && answer.body['success'] === true ? { kind: 'subscribed' } : saidNothing();
    } catch (error) {
      return troubleOfThrown(error);
    }
  }

  /** Never throws. Where the account is not subscribed, nothing is to be ended, and Instagram says the same. */
  async end({ accountId, accessToken, withinMs }: SubscriptionToEnd): Promise<string | null> {
    try {
      const answer = await this.graph.delete(edge(accountId), accessToken, withinMs);
      const trouble = troubleOf(answer);
      if (trouble) return trouble.reason;
      return isRecord(answer.body) && answer.body['success'] === true ? null : saidNothing().reason;
    } catch (error) {
      return troubleOfThrown(error).reason;
    }
  }
}

/** By its id, not `me`: the token of another account is refused then, instead of changing that account's subscription. */
function edge(accountId: string): string {
  return `${encodeURIComponent(accountId)}/subscribed_apps`;
}

function saidNothing(): AccountTrouble {
  return { kind: 'unanswered', reason: 'Instagram answered something else', retryAfterMs: null };
}
