import { Entity, PrimaryColumn } from 'typeorm';

/** A row to lock: whoever holds it may claim sends of the lane's accounts, until its transaction ends. */
@Entity('outbox_lanes')
export class OutboxLaneEntity {
  @PrimaryColumn({ type: Number })
  lane!: number;
}
