import { Inject, Injectable, Logger } from '@nestjs/common';
import { AuditTrail } from '../audit/index.js';
import { messageOf } from '../common/errors.js';
import type { RequestContext } from '../common/request-context.js';
import { TransactionRunner } from '../database/index.js';
import { AccountCredentials } from './account-credentials.js';
import type { AccountEntity } from './account.entity.js';
import { SUBSCRIPTION_ENDER, type SubscriptionEnder } from './subscription-ender.port.js';

/** The caller of the deletion waits, and the purge may take long enough by itself. */
const WITHIN_MS = 3_000;

/** How an account's subscription can be ended once its row is gone: with its token, or not, and why. */
export type SubscriptionEnd = { readonly accessToken: string } | { readonly cannot: string };

/**
 * Ends the webhook subscription of an account that was deleted. Meta would go on delivering what customers write to it, and
 * what comes to the address of another account of the same app is kept as unrouted.
 */
@Injectable()
export class EndSubscription {
  private readonly logger = new Logger('EndSubscription');

  constructor(
    private readonly credentials: AccountCredentials,
    @Inject(SUBSCRIPTION_ENDER) private readonly ender: SubscriptionEnder,
    private readonly transactions: TransactionRunner,
    private readonly audit: AuditTrail,
  ) {}

  /** To be asked while the row is there. Null: the subscription is not this service's business. */
  plan(row: AccountEntity): SubscriptionEnd | null {
    if (row.subscriptionUnmanaged === true) return null;
    if (row.tokenStatus === 'invalid') return { cannot: 'Instagram no longer accepts the access token' };
    const accessToken = this.credentials.openOrNull(row, 'accessToken');
    return accessToken === null ? { cannot: 'the stored access token does not open' } : { accessToken };
  }

  /**
   * After the commit of the deletion, so that nobody subscribes it again (care sees that it is gone), and an account that could
   * not be deleted stays subscribed. Never throws: the account is deleted, whatever Meta says.
   */
  async execute(ctx: RequestContext, accountId: string, plan: SubscriptionEnd): Promise<void> {
    try {
      const reason = 'cannot' in plan ? plan.cannot : await this.ender.end({ accountId, accessToken: plan.accessToken, withinMs: WITHIN_MS });
      if (reason !== null) {
        const what = 'The account was deleted, and Instagram may still deliver its webhooks';
        this.logger.warn({ msg: `${what}: ${reason}. Remove the app in the account’s settings on Instagram.`, accountId });
      }
      await this.transactions.run((tx) =>
        this.audit.record(tx, ctx, {
          action: 'account.unsubscribe',
          accountId,
          target: `account:${accountId}`,
          changes: reason === null ? { ok: true } : { ok: false, reason },
        }),
      );
    } catch (error) {
      this.logger.error({ msg: `What became of the deleted account’s webhook subscription could not be noted: ${messageOf(error)}`, accountId });
    }
  }
}
