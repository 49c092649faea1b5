import { Module, type DynamicModule } from '@nestjs/common';
import { AccountsModule } from '../../accounts/index.js';
import { AuditModule } from '../../audit/index.js';
import { ConversationsModule } from '../../conversations/index.js';
import { RulesModule } from '../../rules/index.js';
import { MESSAGE_RECEIVER } from '../message-receiver.port.js';
import { InstancesModule } from '../instances/instances.module.js';
import { OutboxModule } from '../outbox/outbox.module.js';
import { EventApplier } from './event-applier.js';
import { EventLogRepository } from './event-log.repository.js';
import { EventRouter } from './event-router.js';
import { EventStorer } from './event-storer.js';
import { EventsController } from './events.controller.js';
import { EventsService } from './events.service.js';
import { InboxEventRepository } from './inbox-event.repository.js';
import { InboxLaneRepository } from './inbox-lane.repository.js';
import { InboxMessageReceiver } from './inbox-message.receiver.js';
import { InboxWorker } from './inbox.worker.js';
import { InboxWriter } from './inbox.writer.js';
import { ProcessEventsUseCase } from './process-events.usecase.js';
import { RetentionJob } from './retention.job.js';
import { RetentionRepository } from './retention.repository.js';
import { SharedAddress } from './shared-address.js';
import { UnroutedEventsController } from './unrouted-events.controller.js';

const repositories = [InboxEventRepository, InboxLaneRepository, EventLogRepository];
const receiving = [EventRouter, SharedAddress, EventStorer, InboxWriter, { provide: MESSAGE_RECEIVER, useClass: InboxMessageReceiver }];
/** Only in a process that works; one with `ROLE=web`, and the command line, store and leave. */
const working = [RetentionRepository, EventApplier, ProcessEventsUseCase, InboxWorker, RetentionJob];

/** What was delivered: stored, applied, shown. */
@Module({})
export class InboxModule {
  static forRoot({ workers }: { readonly workers: boolean }): DynamicModule {
    return {
      module: InboxModule,
      imports: [AccountsModule, AuditModule, ConversationsModule, RulesModule, OutboxModule, InstancesModule],
      controllers: [EventsController, UnroutedEventsController],
      providers: [...repositories, ...receiving, EventsService, ...(workers ? working : [])],
      exports: [MESSAGE_RECEIVER],
    };
  }
}
