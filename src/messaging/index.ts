import { InboxLaneEntity } from './inbox/inbox-lane.entity.js';
import { UnroutedEventEntity } from './inbox/unrouted-event.entity.js';
import { WebhookEventEntity } from './inbox/webhook-event.entity.js';
import { ServiceInstanceEntity } from './instances/service-instance.entity.js';
import { FailedSendEntity } from './outbox/failed-send.entity.js';
import { IdempotencyKeyEntity } from './outbox/idempotency-key.entity.js';
import { OutboxLaneEntity } from './outbox/outbox-lane.entity.js';
import { OutboxMessageEntity } from './outbox/outbox-message.entity.js';

export { ageInSeconds, Backlog, type BacklogReport } from './backlog.js';
export { BacklogModule } from './backlog.module.js';
export { BEAT_EVERY_MS } from './instances/instances.js';
export { InstanceRepository } from './instances/instance.repository.js';
export { MessagingModule } from './messaging.module.js';
export { SendMessageUseCase } from './outbox/send-message.usecase.js';
export { DeliveryEntrance } from './webhook/delivery-entrance.js';

/** What each database has of its own: rows to lock, and who works on it now. */
export const LOCAL_ENTITIES = [InboxLaneEntity, OutboxLaneEntity, ServiceInstanceEntity] as const;

/** Every table of this module. */
export const MESSAGING_ENTITIES = [
  WebhookEventEntity, UnroutedEventEntity, OutboxMessageEntity, FailedSendEntity, IdempotencyKeyEntity, ...LOCAL_ENTITIES,
] as const;
