import { Column, Entity, PrimaryColumn } from 'typeorm';
import { TimeColumn } from '../../database/index.js';

/** A process that works, for as long as it counts on. */
@Entity('service_instances')
export class ServiceInstanceEntity {
  @PrimaryColumn({ type: 'varchar', length: 36 })
  id!: string;

  @Column({ type: Number })
  beats!: number;

  /** By its own clock; for people. */
  @TimeColumn({ name: 'seen_at' })
  seenAt!: Date;
}
