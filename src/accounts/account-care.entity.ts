import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { LongText, TimeColumn } from '../database/index.js';
import type { CareTask } from './account-care.js';

/** What is to be looked after for an account, one row a task. */
@Entity('account_care')
@Index('ix_account_care_due', ['dueAt', 'accountId', 'task'])
@Index('ix_account_care_problem', ['problemSince', 'task'])
@ForeignKey('instagram_business_accounts', ['accountId'], ['id'], {
  name: 'fk_account_care_account',
  onDelete: 'NO ACTION',
  onUpdate: 'NO ACTION',
})
export class AccountCareEntity {
  @PrimaryColumn({ name: 'account_id', type: 'varchar', length: 50 })
  accountId!: string;

  @PrimaryColumn({ type: 'varchar', length: 20 })
  task!: CareTask;

  /** When to look again; while somebody looks, until when nobody else does. */
  @TimeColumn({ name: 'due_at' })
  dueAt!: Date;

  /** In a row. */
  @Column({ type: Number })
  failures!: number;

  @LongText({ nullable: true })
  problem!: string | null;

  @TimeColumn({ name: 'problem_since', nullable: true })
  problemSince!: Date | null;

  /** What the task remembers from one time to the next, as JSON. */
  @LongText({ nullable: true })
  detail!: string | null;
}
