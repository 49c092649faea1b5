import { Entity, PrimaryColumn } from 'typeorm';

/** A row to lock: whoever holds it may work on the lane, until its transaction ends. */
@Entity('inbox_lanes')
export class InboxLaneEntity {
  @PrimaryColumn({ type: Number })
  lane!: number;
}
