import { Injectable } from '@nestjs/common';
import { Dialect, SqlRepository, type Tx } from '../database/index.js';

@Injectable()
export class DatabaseProbeRepository extends SqlRepository {
  constructor(dialect: Dialect) {
    super(dialect);
  }

  async ping(tx: Tx): Promise<void> {
    await this.select(tx, 'SELECT 1');
  }
}
