import { Module, type DynamicModule } from '@nestjs/common';
import { AccountsModule } from '../accounts/index.js';
import { CareModule } from './care/care.module.js';
import { ErasureModule } from './erasure/erasure.module.js';
import { GraphModule } from './graph/graph.module.js';
import { SubscriptionEnderModule } from './graph/subscription-ender.module.js';
import { InboxModule } from './inbox/inbox.module.js';
import { OutboxModule } from './outbox/outbox.module.js';
import { PaceModule } from './pace/pace.module.js';
import { SendingLifecycle } from './sending.lifecycle.js';
import { DeliveryEntrance } from './webhook/delivery-entrance.js';
import { DeliveryReception } from './webhook/delivery-reception.js';
import { WebhookController } from './webhook/webhook.controller.js';
import { WebhookHandshakeService } from './webhook/webhook-handshake.service.js';
import { WebhookSignatureGuard } from './webhook/webhook-signature.guard.js';

/** The composer: webhooks in, rules asked, replies out. Without workers a process stores, answers, and leaves the work. */
@Module({})
export class MessagingModule {
  static forRoot({ workers }: { readonly workers: boolean }): DynamicModule {
    return {
      module: MessagingModule,
      imports: [
        AccountsModule, CareModule, GraphModule, SubscriptionEnderModule, PaceModule, OutboxModule, InboxModule.forRoot({ workers }),
        ErasureModule,
      ],
      controllers: [WebhookController],
      providers: [WebhookHandshakeService, WebhookSignatureGuard, DeliveryReception, DeliveryEntrance, ...(workers ? [SendingLifecycle] : [])],
    };
  }
}
