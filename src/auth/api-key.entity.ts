import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { LongText, TimeColumn } from '../database/index.js';

/** The key itself is never stored: only its hash, by which a request finds it. */
@Entity('api_keys')
@Index('ux_api_keys_hash', ['keyHash'], { unique: true })
@Index('ix_api_keys_newest', ['createdAt', 'id'])
export class ApiKeyEntity {
  @PrimaryColumn({ type: 'varchar', length: 36 })
  id!: string;

  @Column({ type: 'varchar', length: 255 })
  name!: string;

  @Column({ type: 'varchar', length: 20 })
  role!: 'viewer' | 'operator' | 'admin';

  /** JSON list; null: every account. */
  @LongText({ name: 'account_ids', nullable: true })
  accountIds!: string | null;

  @Column({ name: 'key_hash', type: 'varchar', length: 43 })
  keyHash!: string;

  /** The first characters, by which people recognise a key. */
  @Column({ name: 'key_prefix', type: 'varchar', length: 20 })
  keyPrefix!: string;

  @TimeColumn({ name: 'created_at' })
  createdAt!: Date;
}
