import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { LongText, TimeColumn } from '../database/index.js';

/** The row. Credentials are sealed; only `AccountCredentials` opens them. */
@Entity('instagram_business_accounts')
@Index('ix_accounts_newest', ['deletedAt', 'createdAt', 'id'])
@Index('ix_accounts_verify_token', ['webhookVerifyTokenHash'])
@Index('ix_accounts_credential_key', ['credentialKeyId', 'id'])
export class AccountEntity {
  /** The Instagram professional account id, the one in `entry.id`. */
  @PrimaryColumn({ type: 'varchar', length: 50 })
  id!: string;

  @Column({ type: 'varchar', length: 255 })
  username!: string;

  @Column({ type: 'varchar', length: 20 })
  status!: 'active' | 'inactive';

  /** When it was last switched on again; what was received before that is not answered, what was queued not sent. Null: it never was off. */
  @TimeColumn({ name: 'active_since', nullable: true })
  activeSince!: Date | null;

  @LongText({ name: 'access_token' })
  accessToken!: string;

  @LongText({ name: 'app_secret' })
  appSecret!: string;

  @LongText({ name: 'webhook_verify_token' })
  webhookVerifyToken!: string;

  /** Finds the account of a handshake without opening every token. */
  @Column({ name: 'webhook_verify_token_hash', type: 'varchar', length: 43 })
  webhookVerifyTokenHash!: string;

  /** The key that sealed all three credentials of this row. */
  @Column({ name: 'credential_key_id', type: 'varchar', length: 16 })
  credentialKeyId!: string;

  @TimeColumn({ name: 'token_expires_at', nullable: true })
  tokenExpiresAt!: Date | null;

  /** What Graph last said; "expiring" is worked out when it is read. */
  @Column({ name: 'token_status', type: 'varchar', length: 20 })
  tokenStatus!: 'valid' | 'invalid' | 'unknown';

  @TimeColumn({ name: 'token_checked_at', nullable: true })
  tokenCheckedAt!: Date | null;

  /** Tells which token an answer of Graph is about. Null in a row older than the column, until it is sealed anew. */
  @Column({ name: 'access_token_hash', type: 'varchar', length: 43, nullable: true })
  accessTokenHash!: string | null;

  /** Since when this token is here; it may be older. Null in a row older than the column. */
  @TimeColumn({ name: 'token_stored_at', nullable: true })
  tokenStoredAt!: Date | null;

  /** True: its webhook subscription is somebody else's business. Null is false. */
  @Column({ name: 'subscription_unmanaged', type: Boolean, nullable: true })
  subscriptionUnmanaged!: boolean | null;

  /** Nothing is sent before this: Graph said so. Past: it is being tried again, with one send at a time. */
  @TimeColumn({ name: 'sending_paused_until', nullable: true })
  sendingPausedUntil!: Date | null;

  @LongText({ name: 'sending_paused_reason', nullable: true })
  sendingPausedReason!: string | null;

  @Column({ name: 'reply_max_age_minutes', type: Number })
  replyMaxAgeMinutes!: number;

  @Column({ name: 'takeover_minutes', type: Number })
  takeoverMinutes!: number;

  /** JSON list. */
  @LongText({ name: 'opt_out_words' })
  optOutWords!: string;

  /** JSON list. */
  @LongText({ name: 'opt_in_words' })
  optInWords!: string;

  @LongText({ name: 'opt_out_confirmation', nullable: true })
  optOutConfirmation!: string | null;

  @LongText({ name: 'opt_in_confirmation', nullable: true })
  optInConfirmation!: string | null;

  @Column({ name: 'max_automatic_turns', type: Number })
  maxAutomaticTurns!: number;

  /** Set: hidden from everyone; its data is being removed. */
  @TimeColumn({ name: 'deleted_at', nullable: true })
  deletedAt!: Date | null;

  @TimeColumn({ name: 'created_at' })
  createdAt!: Date;

  @TimeColumn({ name: 'updated_at' })
  updatedAt!: Date;
}
