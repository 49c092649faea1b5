import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

/** The version of an account's rules: every change raises it, so that other instances notice. */
@Entity('rule_sets')
@ForeignKey('instagram_business_accounts', ['accountId'], ['id'], {
  name: 'fk_rule_sets_account',
  onDelete: 'NO ACTION',
  onUpdate: 'NO ACTION',
})
export class RuleSetEntity {
  @PrimaryColumn({ name: 'account_id', type: 'varchar', length: 50 })
  accountId!: string;

  @Column({ type: Number })
  version!: number;
}
