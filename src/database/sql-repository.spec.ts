import { describe, expect, it } from '@jest/globals';
import { Dialect, type SqlValue } from './dialect.js';
import { SqlRepository } from './sql-repository.js';
import type { Tx } from './tx.js';

class Probe extends SqlRepository {
  readonly statements: SqlValue[][] = [];

  protected override execute(_tx: Tx, _sql: string, parameters: readonly SqlValue[] = []): Promise<number> {
    this.statements.push([...parameters]);
    return Promise.resolve(0);
  }

  async insert(rows: readonly (readonly SqlValue[])[]): Promise<void> {
    await this.insertRows({} as Tx, 't', ['id', 'text'], rows);
  }
}

const MIB = 1024 * 1024;

describe('insertRows', () => {
  it('cuts what is too much for one statement, in order, by rows and by their size', async () => {
    const probe = new Probe(new Dialect('mysql'));
    await probe.insert([]);
    expect(probe.statements).toEqual([]);
    const small = Array.from({ length: 3_001 }, (_, id) => [id, 'x']);
    await probe.insert(small);
    expect(probe.statements.map((parameters) => parameters.length)).toEqual([3_000, 3_000, 2]);
    expect(probe.statements.flat()).toEqual(small.flat());
    probe.statements.length = 0;
    await probe.insert([2, 2, 2, 6, 1, 4].map((mib, id) => [id, 'x'.repeat(mib * MIB)]));
    expect(probe.statements.map((parameters) => parameters.filter((one) => typeof one === 'number'))).toEqual([[0, 1], [2], [3], [4, 5]]);
  });
});
