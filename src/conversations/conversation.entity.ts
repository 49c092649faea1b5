import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { TimeColumn } from '../database/index.js';

/** The thread of one customer with one account. The id is `<account id>:<participant id>`, so writing needs no look-up. */
@Entity('conversations')
@Index('ix_conversations_recent', ['accountId', 'lastMessageAt', 'id'])
@Index('ix_conversations_username', ['accountId', 'participantUsername'])
@Index('ix_conversations_profile', ['participantUsername', 'profileCheckedAt', 'id'])
@ForeignKey('instagram_business_accounts', ['accountId'], ['id'], {
  name: 'fk_conversations_account',
  onDelete: 'NO ACTION',
  onUpdate: 'NO ACTION',
})
export class ConversationEntity {
  @PrimaryColumn({ type: 'varchar', length: 120 })
  id!: string;

  @Column({ name: 'account_id', type: 'varchar', length: 50 })
  accountId!: string;

  @Column({ name: 'participant_id', type: 'varchar', length: 50 })
  participantId!: string;

  @Column({ name: 'participant_username', type: 'varchar', length: 255, nullable: true })
  participantUsername!: string | null;

  @Column({ name: 'participant_name', type: 'varchar', length: 255, nullable: true })
  participantName!: string | null;

  @TimeColumn({ name: 'profile_checked_at', nullable: true })
  profileCheckedAt!: Date | null;

  @TimeColumn({ name: 'last_message_at', nullable: true })
  lastMessageAt!: Date | null;

  @TimeColumn({ name: 'last_inbound_at', nullable: true })
  lastInboundAt!: Date | null;

  @TimeColumn({ name: 'window_closes_at', nullable: true })
  windowClosesAt!: Date | null;

  @Column({ name: 'message_count', type: Number })
  messageCount!: number;

  @Column({ name: 'automation_paused', type: Boolean })
  automationPaused!: boolean;

  @TimeColumn({ name: 'automation_paused_until', nullable: true })
  automationPausedUntil!: Date | null;

  @Column({ name: 'automation_reason', type: 'varchar', length: 255, nullable: true })
  automationReason!: string | null;

  /** Until when a person who has typed elsewhere is left alone with the customer. */
  @TimeColumn({ name: 'takeover_until', nullable: true })
  takeoverUntil!: Date | null;

  @Column({ name: 'automatic_turns', type: Number, default: 0 })
  automaticTurns!: number;

  @TimeColumn({ name: 'automatic_turns_since', nullable: true })
  automaticTurnsSince!: Date | null;

  @Column({ name: 'opted_out', type: Boolean, default: false })
  optedOut!: boolean;

  @TimeColumn({ name: 'consent_changed_at', nullable: true })
  consentChangedAt!: Date | null;

  @TimeColumn({ name: 'created_at' })
  createdAt!: Date;

  @TimeColumn({ name: 'updated_at' })
  updatedAt!: Date;
}
