import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { LongText, TimeColumn } from '../database/index.js';

/** One message of a conversation, in either direction. JSON columns are text: drivers that parse JSON round big ids. */
@Entity('messages')
@Index('ix_messages_conversation', ['accountId', 'conversationId', 'position'])
@Index('ux_messages_external', ['accountId', 'externalKey'], { unique: true })
@ForeignKey('instagram_business_accounts', ['accountId'], ['id'], {
  name: 'fk_messages_account',
  onDelete: 'NO ACTION',
  onUpdate: 'NO ACTION',
})
export class MessageEntity {
  @PrimaryColumn({ name: 'account_id', type: 'varchar', length: 50 })
  accountId!: string;

  @PrimaryColumn({ type: 'varchar', length: 36 })
  id!: string;

  @Column({ name: 'conversation_id', type: 'varchar', length: 120 })
  conversationId!: string;

  @Column({ type: Number })
  position!: number;

  @Column({ type: 'varchar', length: 10 })
  direction!: string;

  @Column({ type: 'varchar', length: 40 })
  kind!: string;

  @LongText({ nullable: true })
  text!: string | null;

  @LongText({ nullable: true })
  attachments!: string | null;

  @Column({ name: 'external_id', type: 'varchar', length: 1000, nullable: true })
  externalId!: string | null;

  @Column({ name: 'external_key', type: 'varchar', length: 43, nullable: true })
  externalKey!: string | null;

  @Column({ name: 'rule_id', type: Number, nullable: true })
  ruleId!: number | null;

  @Column({ type: 'varchar', length: 20 })
  status!: string;

  @LongText({ nullable: true })
  error!: string | null;

  @LongText({ nullable: true })
  reactions!: string | null;

  @LongText({ nullable: true })
  details!: string | null;

  @TimeColumn({ name: 'read_at', nullable: true })
  readAt!: Date | null;

  @TimeColumn({ name: 'edited_at', nullable: true })
  editedAt!: Date | null;

  @TimeColumn({ name: 'deleted_at', nullable: true })
  deletedAt!: Date | null;

  @TimeColumn({ name: 'sent_at', nullable: true })
  sentAt!: Date | null;

  @TimeColumn({ name: 'created_at' })
  createdAt!: Date;
}
