import { Column, Entity, ForeignKey, Index } from 'typeorm';
import { LongText, SequenceKey, TimeColumn } from '../database/index.js';

@Entity('response_rules')
@Index('ix_rules_order', ['accountId', 'priority', 'id'])
@Index('ix_rules_newest', ['accountId', 'id'])
@ForeignKey('instagram_business_accounts', ['accountId'], ['id'], {
  name: 'fk_response_rules_account',
  onDelete: 'NO ACTION',
  onUpdate: 'NO ACTION',
})
export class RuleEntity {
  @SequenceKey()
  id!: number;

  @Column({ name: 'account_id', type: 'varchar', length: 50 })
  accountId!: string;

  @Column({ type: 'varchar', length: 255 })
  name!: string;

  @Column({ type: Boolean })
  enabled!: boolean;

  @Column({ type: Number })
  priority!: number;

  @Column({ name: 'trigger_type', type: 'varchar', length: 20 })
  triggerType!: string;

  @LongText({ name: 'trigger_value', nullable: true })
  triggerValue!: string | null;

  @LongText({ name: 'response_template' })
  responseTemplate!: string;

  @Column({ name: 'cooldown_seconds', type: Number })
  cooldownSeconds!: number;

  /** JSON, as the next two. */
  @LongText({ name: 'quick_replies', nullable: true })
  quickReplies!: string | null;

  @LongText({ nullable: true })
  buttons!: string | null;

  @LongText({ nullable: true })
  media!: string | null;

  @Column({ name: 'typing_seconds', type: Number, nullable: true })
  typingSeconds!: number | null;

  @TimeColumn({ name: 'created_at' })
  createdAt!: Date;

  @TimeColumn({ name: 'updated_at' })
  updatedAt!: Date;
}
