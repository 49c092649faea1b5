import { Module, type DynamicModule } from '@nestjs/common';
import { AccountsModule } from '../accounts/index.js';
import { AuditModule } from '../audit/index.js';
import { ConversationsModule } from '../conversations/index.js';
import { QueueModule } from '../queue/index.js';
import { RulesModule } from '../rules/index.js';
import { ConversationLookup } from './graph/conversation-lookup.js';
import { GraphClient } from './graph/graph-client.js';
import { InstagramMessageSender } from './graph/instagram-message.sender.js';
import { EventRouter } from './inbox/event-router.js';
import { InboxEventRepository } from './inbox/inbox-event.repository.js';
import { InboxLaneRepository } from './inbox/inbox-lane.repository.js';
import { InboxMessageReceiver } from './inbox/inbox-message.receiver.js';
import { InboxWriter } from './inbox/inbox.writer.js';
import { MESSAGE_RECEIVER } from './message-receiver.port.js';
import { MESSAGE_SENDER } from './message-sender.port.js';
import { WebhookController } from './webhook/webhook.controller.js';
import { WebhookHandshakeService } from './webhook/webhook-handshake.service.js';

const receiving = [
  WebhookHandshakeService,
  EventRouter,
  InboxWriter,
  InboxEventRepository,
  InboxLaneRepository,
  { provide: MESSAGE_RECEIVER, useClass: InboxMessageReceiver },
];
const sending = [GraphClient, ConversationLookup, { provide: MESSAGE_SENDER, useClass: InstagramMessageSender }];

/** The composer: webhooks in, rules asked, replies out. */
@Module({})
export class MessagingModule {
  static forRoot(options: { readonly workers: boolean }): DynamicModule {
    return {
      module: MessagingModule,
      imports: [AccountsModule, AuditModule, ConversationsModule, RulesModule, QueueModule],
      controllers: [WebhookController],
      providers: [...receiving, ...sending, ...(options.workers ? [] : [])],
    };
  }
}
