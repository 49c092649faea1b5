import { Column, Entity, Index } from 'typeorm';
import { LongText, SequenceKey, TimeColumn } from '../../database/index.js';

/** What was delivered, well signed, and belongs to no account of ours: for administrators to see. */
@Entity('unrouted_events')
@Index('ux_unrouted_events_dedupe', ['dedupeKey'], { unique: true })
@Index('ix_unrouted_events_received', ['receivedAt'])
export class UnroutedEventEntity {
  @SequenceKey()
  id!: number;

  @Column({ name: 'dedupe_key', type: 'varchar', length: 43 })
  dedupeKey!: string;

  @Column({ type: 'varchar', length: 40 })
  kind!: string;

  @Column({ type: 'varchar', length: 255 })
  reason!: string;

  @TimeColumn({ name: 'occurred_at' })
  occurredAt!: Date;

  @TimeColumn({ name: 'received_at' })
  receivedAt!: Date;

  @LongText()
  payload!: string;
}
