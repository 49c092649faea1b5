import { SqlRepository, type Tx } from '../../src/database/index.js';

/** How much a server has read for this session so far. */
export class Handlers extends SqlRepository {
  async read(tx: Tx): Promise<number> {
    const rows = await this.select<{ Value: string }>(tx, "SHOW SESSION STATUS LIKE 'Handler_read%'");
    return rows.reduce((sum, row) => sum + Number(row.Value), 0);
  }
}
