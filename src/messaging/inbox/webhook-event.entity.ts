import { Column, Entity, ForeignKey, Index } from 'typeorm';
import { LongText, SequenceKey, TimeColumn } from '../../database/index.js';

/** The inbox: one thing that happened, delivered to an account. Only pending rows have a lane. */
@Entity('webhook_events')
@Index('ux_webhook_events_dedupe', ['accountId', 'dedupeKey'], { unique: true })
@Index('ix_webhook_events_status', ['accountId', 'status', 'id'])
@Index('ix_webhook_events_pending', ['pendingLane', 'nextAttemptAt', 'id'])
@ForeignKey('instagram_business_accounts', ['accountId'], ['id'], {
  name: 'fk_webhook_events_account',
  onDelete: 'NO ACTION',
  onUpdate: 'NO ACTION',
})
export class WebhookEventEntity {
  @SequenceKey()
  id!: number;

  @Column({ name: 'account_id', type: 'varchar', length: 50 })
  accountId!: string;

  @Column({ name: 'dedupe_key', type: 'varchar', length: 43 })
  dedupeKey!: string;

  @Column({ type: 'varchar', length: 40 })
  kind!: string;

  @Column({ name: 'pending_lane', type: Number, nullable: true })
  pendingLane!: number | null;

  @Column({ name: 'conversation_id', type: 'varchar', length: 120, nullable: true })
  conversationId!: string | null;

  @Column({ type: 'varchar', length: 20 })
  status!: string;

  @Column({ type: Number })
  attempts!: number;

  @TimeColumn({ name: 'next_attempt_at', nullable: true })
  nextAttemptAt!: Date | null;

  @LongText({ nullable: true })
  error!: string | null;

  @TimeColumn({ name: 'occurred_at' })
  occurredAt!: Date;

  @TimeColumn({ name: 'received_at' })
  receivedAt!: Date;

  @TimeColumn({ name: 'processed_at', nullable: true })
  processedAt!: Date | null;

  @LongText()
  payload!: string;

  @LongText({ nullable: true })
  decision!: string | null;
}
