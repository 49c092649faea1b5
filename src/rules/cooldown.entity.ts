import { Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { TimeColumn } from '../database/index.js';

/** When a rule last answered in a conversation. */
@Entity('rule_cooldowns')
@ForeignKey('instagram_business_accounts', ['accountId'], ['id'], {
  name: 'fk_rule_cooldowns_account',
  onDelete: 'NO ACTION',
  onUpdate: 'NO ACTION',
})
export class CooldownEntity {
  @PrimaryColumn({ name: 'account_id', type: 'varchar', length: 50 })
  accountId!: string;

  @PrimaryColumn({ name: 'conversation_id', type: 'varchar', length: 120 })
  conversationId!: string;

  @PrimaryColumn({ name: 'rule_id', type: Number })
  ruleId!: number;

  @TimeColumn({ name: 'fired_at' })
  firedAt!: Date;
}
