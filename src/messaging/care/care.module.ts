import { Module } from '@nestjs/common';
import { AccountsModule } from '../../accounts/index.js';
import { AuditModule } from '../../audit/index.js';
import { GraphModule } from '../graph/graph.module.js';
import { AccountCareWorker } from './account-care.worker.js';
import { LookAfterSubscriptionUseCase } from './look-after-subscription.usecase.js';
import { LookAfterTokenUseCase } from './look-after-token.usecase.js';
import { TokenNewsWriter } from './token-news.writer.js';

/** Keeps accounts connected. Nothing is looked after until `AccountCareWorker.start`, which only processes with workers call. */
@Module({
  imports: [AccountsModule, AuditModule, GraphModule],
  providers: [TokenNewsWriter, LookAfterTokenUseCase, LookAfterSubscriptionUseCase, AccountCareWorker],
  exports: [AccountCareWorker],
})
export class CareModule {}
