import { Injectable } from '@nestjs/common';
import { Dialect, SqlRepository, type Tx } from '../../database/index.js';

export interface InstanceSign {
  readonly id: string;
  readonly beats: number;
}

@Injectable()
export class InstanceRepository extends SqlRepository {
  constructor(dialect: Dialect) {
    super(dialect);
  }

  async beat(tx: Tx, { id, beats }: InstanceSign, now: Date): Promise<void> {
    const { dialect } = this;
    await this.insertRows(
      tx, 'service_instances', ['id', 'beats', 'seen_at'], [[id, beats, dialect.time(now)]],
      dialect.upsert(['id'], { beats: dialect.incoming('beats'), seen_at: dialect.incoming('seen_at') }),
    );
  }

  async list(tx: Tx): Promise<InstanceSign[]> {
    const rows = await this.select<{ id: string; beats: number | string }>(tx, 'SELECT id, beats FROM service_instances ORDER BY id');
    return rows.map((row) => ({ id: row.id, beats: Number(row.beats) }));
  }

  async remove(tx: Tx, id: string): Promise<void> {
    await this.execute(tx, 'DELETE FROM service_instances WHERE id = ?', [id]);
  }
}
