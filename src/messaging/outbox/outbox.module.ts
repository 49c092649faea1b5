import { Module } from '@nestjs/common';
import { AccountsModule } from '../../accounts/index.js';
import { AuditModule } from '../../audit/index.js';
import { ConversationsModule } from '../../conversations/index.js';
import { GraphModule } from '../graph/graph.module.js';
import { InstancesModule } from '../instances/instances.module.js';
import { PaceModule } from '../pace/pace.module.js';
import { AccountNewsWriter } from './account-news.writer.js';
import { AppPauses } from './app-pauses.js';
import { AccountPauses } from './account-pauses.js';
import { AttemptSend } from './attempt-send.js';
import { AttemptedSendRepository } from './attempted-send.repository.js';
import { CancelMessageUseCase } from './cancel-message.usecase.js';
import { ClaimSends } from './claim-sends.js';
import { ClaimSet } from './claim-set.js';
import { ConversationStops } from './conversation-stops.js';
import { DeliverMessagesUseCase } from './deliver-messages.usecase.js';
import { DEPARTURES } from './departures.js';
import { DueSendRepository } from './due-send.repository.js';
import { EchoMatcher } from './echo-matcher.js';
import { FailedSendRepository } from './failed-send.repository.js';
import { IdempotencyKeyRepository } from './idempotency-key.repository.js';
import { LateAnswers } from './late-answers.js';
import { ListOutboxUseCase } from './list-outbox.usecase.js';
import { LookUpAttempt } from './look-up-attempt.js';
import { MarkLostSends } from './mark-lost-sends.js';
import { MessageReferences } from './message-references.js';
import { NewSends } from './new-sends.js';
import { OutboxController } from './outbox.controller.js';
import { OutboxHints } from './outbox-hints.js';
import { OutboxLogRepository } from './outbox-log.repository.js';
import { OutboxRepository } from './outbox.repository.js';
import { OutboxWorker } from './outbox.worker.js';
import { OutcomeRecorder } from './outcome.recorder.js';
import { OutcomeWriter } from './outcome.writer.js';
import { PrivateReplies } from './private-replies.js';
import { PrivateReplyRepository } from './private-reply.repository.js';
import { ReopenedWindows } from './reopened-windows.js';
import { RetryMessageUseCase } from './retry-message.usecase.js';
import { SendMessageController } from './send-message.controller.js';
import { SendMessageUseCase } from './send-message.usecase.js';
import { SettleUncertainUseCase } from './settle-uncertain.usecase.js';
import { WithdrawnReplies } from './withdrawn-replies.js';

const repositories = [
  OutboxRepository, OutboxLogRepository, AttemptedSendRepository, DueSendRepository, FailedSendRepository, IdempotencyKeyRepository, PrivateReplyRepository,
];
const delivery = [OutboxHints, WithdrawnReplies, ReopenedWindows, ClaimSet, ClaimSends, AttemptSend, OutcomeRecorder, LookUpAttempt, MarkLostSends];
const records = [OutcomeWriter, LateAnswers, ConversationStops, AppPauses, AccountNewsWriter];
const control = [ListOutboxUseCase, CancelMessageUseCase, RetryMessageUseCase];
const useCases = [DeliverMessagesUseCase, SettleUncertainUseCase, SendMessageUseCase, MessageReferences, PrivateReplies, EchoMatcher];

/** What is still to be sent. Nothing is sent until `OutboxWorker.start` is called, which only processes with workers do. */
@Module({
  imports: [AccountsModule, AuditModule, ConversationsModule, GraphModule, PaceModule, InstancesModule],
  controllers: [SendMessageController, OutboxController],
  providers: [
    ...repositories, ...delivery, ...records, ...control, ...useCases, OutboxWorker, NewSends,
    { provide: DEPARTURES, useExisting: DeliverMessagesUseCase },
    { provide: AccountPauses, useFactory: () => new AccountPauses() },
  ],
  exports: [NewSends, EchoMatcher, SendMessageUseCase, OutboxWorker, OutboxRepository, FailedSendRepository, OutcomeWriter, PrivateReplyRepository],
})
export class OutboxModule {}
