import { Module } from '@nestjs/common';
import { ACCOUNT_VERIFIER, AccountsModule } from '../../accounts/index.js';
import { AuditModule } from '../../audit/index.js';
import { ConversationsModule } from '../../conversations/index.js';
import { MESSAGE_SENDER } from '../message-sender.port.js';
import { PaceModule } from '../pace/pace.module.js';
import { ConversationLookup } from './conversation-lookup.js';
import { GraphClient } from './graph-client.js';
import { InstagramAccountVerifier } from './instagram-account.verifier.js';
import { InstagramMessageSender } from './instagram-message.sender.js';
import { ProfileLookup } from './profile-lookup.js';
import { ProfileWorker } from './profile.worker.js';
import { TokenRefresher } from './token-refresher.js';
import { VerifyAccountController } from './verify-account.controller.js';
import { VerifyAccountUseCase } from './verify-account.usecase.js';
import { WebhookSubscriptions } from './webhook-subscriptions.js';

const adapters = [GraphClient, ConversationLookup, ProfileLookup, InstagramAccountVerifier, TokenRefresher, WebhookSubscriptions];

/** Everything that speaks to Graph. */
@Module({
  imports: [AccountsModule, AuditModule, ConversationsModule, PaceModule],
  controllers: [VerifyAccountController],
  providers: [
    ...adapters,
    ProfileWorker,
    VerifyAccountUseCase,
    { provide: MESSAGE_SENDER, useClass: InstagramMessageSender },
    { provide: ACCOUNT_VERIFIER, useExisting: InstagramAccountVerifier },
  ],
  exports: [
    MESSAGE_SENDER, ACCOUNT_VERIFIER, ConversationLookup, ProfileWorker, InstagramAccountVerifier, TokenRefresher,
    WebhookSubscriptions,
  ],
})
export class GraphModule {}
