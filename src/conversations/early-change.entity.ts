import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { LongText, TimeColumn } from '../database/index.js';

/** What was done to a message that is not known yet: Meta promises no order. It waits here for the message. */
@Entity('early_changes')
@Index('ix_early_changes_age', ['accountId', 'createdAt'])
@ForeignKey('instagram_business_accounts', ['accountId'], ['id'], {
  name: 'fk_early_changes_account',
  onDelete: 'NO ACTION',
  onUpdate: 'NO ACTION',
})
export class EarlyChangeEntity {
  @PrimaryColumn({ name: 'account_id', type: 'varchar', length: 50 })
  accountId!: string;

  /** Of the message. */
  @PrimaryColumn({ name: 'external_key', type: 'varchar', length: 43 })
  externalKey!: string;

  /** Of the event that told of it. */
  @PrimaryColumn({ name: 'dedupe_key', type: 'varchar', length: 43 })
  dedupeKey!: string;

  @Column({ type: 'varchar', length: 20 })
  kind!: string;

  @LongText()
  payload!: string;

  @TimeColumn({ name: 'occurred_at' })
  occurredAt!: Date;

  @TimeColumn({ name: 'created_at' })
  createdAt!: Date;
}
