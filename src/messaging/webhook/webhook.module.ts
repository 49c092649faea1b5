import { Module } from '@nestjs/common';
import { AccountsModule } from '../../accounts/index.js';
import { InboxModule } from '../inbox/inbox.module.js';
import { WebhookController } from './webhook.controller.js';
import { WebhookHandshakeService } from './webhook-handshake.service.js';

/** Where Meta delivers. */
@Module({
  imports: [AccountsModule, InboxModule],
  controllers: [WebhookController],
  providers: [WebhookHandshakeService],
})
export class WebhookModule {}
