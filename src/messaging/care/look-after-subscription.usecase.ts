import { Injectable, Logger } from '@nestjs/common';
import { AccountDirectory, type ClaimedCare } from '../../accounts/index.js';
import { AuditTrail } from '../../audit/index.js';
import { Clock } from '../../common/clock.js';
import { SYSTEM_CONTEXT } from '../../common/request-context.js';
import { TransactionRunner } from '../../database/index.js';
import type { AccountTrouble } from '../graph/account-trouble.js';
import { GRAPH_TIMEOUT_MS } from '../graph/graph-client.js';
import { WebhookSubscriptions } from '../graph/webhook-subscriptions.js';
import { failing, idle, well, type Look } from './look.js';
import {
  detailOf, FIELD_LISTS, isChange, lastSubscriptionOf, mustSubscribe, refusedOf, type LastSubscription,
} from './subscription.policy.js';
import { TokenNewsWriter } from './token-news.writer.js';

/** Sees to it that Meta delivers an account's webhooks to its app: Meta forgets that after an hour of failed deliveries. */
@Injectable()
export class LookAfterSubscriptionUseCase {
  private readonly logger = new Logger('SubscriptionCare');

  constructor(
    private readonly directory: AccountDirectory,
    private readonly subscriptions: WebhookSubscriptions,
    private readonly transactions: TransactionRunner,
    private readonly audit: AuditTrail,
    private readonly news: TokenNewsWriter,
    private readonly clock: Clock,
  ) {}

  async execute(claim: ClaimedCare): Promise<Look> {
    // Another instance may just have changed what is remembered here for a second, and the answer holds for a day.
    this.directory.evict(claim.accountId);
    const account = await this.directory.find(claim.accountId);
    const accessToken = account && (await this.directory.accessToken(claim.accountId));
    if (!account?.manageSubscription || accessToken === null) return idle(this.clock.now());
    // The token is the problem then, and shown as such.
    if (account.tokenStatus === 'invalid') return well(claim, this.clock.now());
    const askedAt = this.clock.now();
    const found = await this.subscriptions.find(account.id, accessToken);
    if (found.kind !== 'answered') return await this.failed(claim, accessToken, found, askedAt);
    const last = lastSubscriptionOf(claim.detail);
    if (!mustSubscribe(found.fields, last, askedAt)) return well(claim, this.clock.now(), { problem: last && lacking(last.fields) });
    return await this.subscribe(claim, accessToken, found.fields, last);
  }

  private async subscribe(
    claim: ClaimedCare, accessToken: string, listed: readonly string[], last: LastSubscription | null,
  ): Promise<Look> {
    let refusal: AccountTrouble | null = null;
    for (const fields of FIELD_LISTS) {
      const at = this.clock.now();
      const result = await this.subscriptions.subscribe(claim.accountId, fields, accessToken);
      if (result.kind === 'subscribed' && (await this.isGone(claim.accountId))) return await this.end(claim, accessToken);
      if (result.kind === 'subscribed') return await this.note(claim, listed, last, { fields, at }, refusal);
      refusal = result;
      if (result.kind !== 'refused') break;
    }
    return refusal ? await this.failed(claim, accessToken, refusal, this.clock.now()) : well(claim, this.clock.now());
  }

  /** As it is now: who deletes an account ends its subscription after that, and may have done so before this call arrived. */
  private async isGone(accountId: string): Promise<boolean> {
    this.directory.evict(accountId);
    return (await this.directory.find(accountId)) === null;
  }

  private async end({ accountId }: ClaimedCare, accessToken: string): Promise<Look> {
    const reason = await this.subscriptions.end({ accountId, accessToken, withinMs: GRAPH_TIMEOUT_MS });
    const msg = 'The account was deleted while it was subscribed to its webhooks';
    if (reason === null) this.logger.log({ msg: `${msg}: that is ended again`, accountId });
    else this.logger.warn({ msg: `${msg}, which could not be ended: ${reason}. Remove the app in the account’s settings on Instagram.`, accountId });
    return idle(this.clock.now());
  }

  private async note(
    claim: ClaimedCare, listed: readonly string[], last: LastSubscription | null, now: LastSubscription, refusal: AccountTrouble | null,
  ): Promise<Look> {
    const { accountId } = claim;
    const detail = detailOf(now);
    const problem = lacking(now.fields, refusal?.reason);
    if (!isChange(listed, last, now.fields)) return well(claim, this.clock.now(), { detail, problem });
    const refused = refusedOf(now.fields);
    await this.transactions.run((tx) =>
      this.audit.record(tx, SYSTEM_CONTEXT, {
        action: 'account.subscribe',
        accountId,
        target: `account:${accountId}`,
        changes: { fields: { from: listed, to: now.fields }, ...(refused.length > 0 ? { refused } : {}) },
      }),
    );
    this.logger.log({ msg: 'The account was subscribed to its webhooks', accountId, fields: now.fields, refused });
    return well(claim, this.clock.now(), { outcome: 'changed', detail, problem });
  }

  private async failed(claim: ClaimedCare, accessToken: string, trouble: AccountTrouble, askedAt: Date): Promise<Look> {
    const { accountId } = claim;
    if (trouble.kind === 'dead_token') await this.news.write(accountId, accessToken, 'invalid', askedAt);
    const problem = `The webhook subscription could not be looked after: ${trouble.reason}. Without it nothing arrives; this is tried again.`;
    this.logger.warn({ msg: problem, accountId });
    return failing(claim, this.clock.now(), problem, trouble);
  }
}

/** Something to know, since the account works without them; null: nothing is lacking. */
function lacking(fields: readonly string[], reason?: string): string | null {
  const refused = refusedOf(fields);
  if (refused.length === 0) return null;
  const why = reason === undefined ? '' : `: ${reason}`;
  return `Instagram does not deliver ${refused.join(', ')} for this account${why}. It is asked again every day.`;
}
