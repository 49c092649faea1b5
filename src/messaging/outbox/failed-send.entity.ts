import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { LongText, TimeColumn } from '../../database/index.js';

/** A send that was given up, kept for a while so that it can be sent again. */
@Entity('failed_sends')
@Index('ix_failed_sends_age', ['accountId', 'failedAt'])
@ForeignKey('instagram_business_accounts', ['accountId'], ['id'], {
  name: 'fk_failed_sends_account',
  onDelete: 'NO ACTION',
  onUpdate: 'NO ACTION',
})
export class FailedSendEntity {
  @PrimaryColumn({ name: 'account_id', type: 'varchar', length: 50 })
  accountId!: string;

  @PrimaryColumn({ name: 'message_id', type: 'varchar', length: 36 })
  messageId!: string;

  @Column({ type: 'varchar', length: 20 })
  source!: string;

  @TimeColumn({ name: 'send_before', nullable: true })
  sendBefore!: Date | null;

  @LongText()
  request!: string;

  @Column({ name: 'may_have_arrived', type: Boolean })
  mayHaveArrived!: boolean;

  @TimeColumn({ name: 'failed_at' })
  failedAt!: Date;
}
