import { Column, Entity, Index } from 'typeorm';
import { LongText, SequenceKey, TimeColumn } from '../database/index.js';

@Entity('audit_log')
@Index('ix_audit_account', ['accountId', 'id'])
@Index('ix_audit_action', ['action', 'id'])
@Index('ix_audit_account_action', ['accountId', 'action', 'id'])
export class AuditEntity {
  @SequenceKey()
  id!: number;

  @TimeColumn()
  at!: Date;

  @Column({ type: 'varchar', length: 255 })
  actor!: string;

  @Column({ type: 'varchar', length: 60 })
  action!: string;

  /** No foreign key: the trail outlives its account. */
  @Column({ name: 'account_id', type: 'varchar', length: 50, nullable: true })
  accountId!: string | null;

  @Column({ type: 'varchar', length: 255 })
  target!: string;

  /** JSON: names of fields with their new values, never a secret. */
  @LongText()
  changes!: string;

  @Column({ name: 'request_id', type: 'varchar', length: 100, nullable: true })
  requestId!: string | null;
}
