import { Global, Module } from '@nestjs/common';
import { SUBSCRIPTION_ENDER } from '../../accounts/index.js';
import { GraphModule } from './graph.module.js';
import { WebhookSubscriptions } from './webhook-subscriptions.js';

/** Global: accounts asks for its port when an account is deleted, and cannot import what imports it. */
@Global()
@Module({
  imports: [GraphModule],
  providers: [{ provide: SUBSCRIPTION_ENDER, useExisting: WebhookSubscriptions }],
  exports: [SUBSCRIPTION_ENDER],
})
export class SubscriptionEnderModule {}
