import { Injectable } from '@nestjs/common';
import { Dialect, SqlRepository, type Tx } from '../../database/index.js';
import { IdempotencyKeyEntity } from './idempotency-key.entity.js';

@Injectable()
export class IdempotencyKeyRepository extends SqlRepository {
  constructor(dialect: Dialect) {
    super(dialect);
  }

  async find(tx: Tx, accountId: string, keyHash: string): Promise<IdempotencyKeyEntity | null> {
    return await this.repository(tx, IdempotencyKeyEntity).findOneBy({ accountId, keyHash });
  }

  /** Fails with a duplicate key where another request was faster: it has then committed, and `find` sees it. */
  async insert(tx: Tx, key: IdempotencyKeyEntity): Promise<void> {
    await this.repository(tx, IdempotencyKeyEntity).insert(key);
  }
}
