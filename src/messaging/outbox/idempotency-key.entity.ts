import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { TimeColumn } from '../../database/index.js';

/** A manual send that was asked for under a key: asking again must not send again. */
@Entity('idempotency_keys')
@Index('ix_idempotency_keys_age', ['accountId', 'createdAt'])
@ForeignKey('instagram_business_accounts', ['accountId'], ['id'], {
  name: 'fk_idempotency_keys_account',
  onDelete: 'NO ACTION',
  onUpdate: 'NO ACTION',
})
export class IdempotencyKeyEntity {
  @PrimaryColumn({ name: 'account_id', type: 'varchar', length: 50 })
  accountId!: string;

  @PrimaryColumn({ name: 'key_hash', type: 'varchar', length: 43 })
  keyHash!: string;

  @Column({ name: 'request_hash', type: 'varchar', length: 43 })
  requestHash!: string;

  @Column({ name: 'message_id', type: 'varchar', length: 36 })
  messageId!: string;

  @TimeColumn({ name: 'created_at' })
  createdAt!: Date;
}
