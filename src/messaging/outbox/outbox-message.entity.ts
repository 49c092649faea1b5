import { Column, Entity, ForeignKey, Index } from 'typeorm';
import { LongText, SequenceKey, TimeColumn } from '../../database/index.js';

/** What is still to be sent, or to be found out about. Rows leave when the send is settled. */
@Entity('outbox_messages')
@Index('ux_outbox_message', ['accountId', 'messageId'], { unique: true })
@Index('ix_outbox_due', ['accountId', 'status', 'nextAttemptAt', 'id'])
@Index('ix_outbox_conversation', ['accountId', 'conversationId', 'id'])
@Index('ix_outbox_status', ['accountId', 'status', 'id'])
@Index('ix_outbox_expiry', ['accountId', 'status', 'sendBefore', 'id'])
@ForeignKey('instagram_business_accounts', ['accountId'], ['id'], {
  name: 'fk_outbox_messages_account',
  onDelete: 'NO ACTION',
  onUpdate: 'NO ACTION',
})
export class OutboxMessageEntity {
  @SequenceKey()
  id!: number;

  @Column({ name: 'account_id', type: 'varchar', length: 50 })
  accountId!: string;

  @Column({ name: 'conversation_id', type: 'varchar', length: 120 })
  conversationId!: string;

  @Column({ name: 'message_id', type: 'varchar', length: 36 })
  messageId!: string;

  @Column({ type: 'varchar', length: 20 })
  source!: string;

  @Column({ type: 'varchar', length: 20 })
  status!: string;

  @Column({ type: Number })
  attempts!: number;

  @TimeColumn({ name: 'next_attempt_at' })
  nextAttemptAt!: Date;

  @TimeColumn({ name: 'attempted_at', nullable: true })
  attemptedAt!: Date | null;

  @Column({ type: Number })
  lookups!: number;

  @TimeColumn({ name: 'send_before', nullable: true })
  sendBefore!: Date | null;

  /** The instance that has it in hand: that sends it, or looks it up. */
  @Column({ name: 'claimed_by', type: 'varchar', length: 36, nullable: true })
  claimedBy!: string | null;

  @LongText()
  request!: string;

  @LongText({ nullable: true })
  error!: string | null;

  @TimeColumn({ name: 'created_at' })
  createdAt!: Date;
}
