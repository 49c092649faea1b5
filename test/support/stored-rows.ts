import type { DataSource } from 'typeorm';

export interface StoredRow {
  readonly table: string;
  readonly columns: Readonly<Record<string, unknown>>;
  /** All of it, to be searched. */
  readonly text: string;
}

/** Every row of every table there is, so also of those that are added tomorrow. */
export async function storedRows(dataSource: DataSource): Promise<StoredRow[]> {
  const tables = await dataSource.query<{ name: string }[]>(
    dataSource.options.type === 'better-sqlite3'
      ? `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`
      : 'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()',
  );
  const rows: StoredRow[] = [];
  for (const { name } of tables) {
    for (const columns of await dataSource.query<Record<string, unknown>[]>(`SELECT * FROM ${name}`)) {
      rows.push({ table: name, columns, text: JSON.stringify(columns, (_, value: unknown) => (Buffer.isBuffer(value) ? value.toString('utf8') : value)) });
    }
  }
  return rows;
}

/** `table.column` of each place in which one of `words` stands. */
export function placesOf(words: readonly string[], rows: readonly StoredRow[]): string[] {
  const found = rows.filter(({ text }) => words.some((word) => text.includes(word)));
  const places = found.flatMap(({ table, columns }) =>
    Object.entries(columns).filter(([, value]) => words.some((word) => String(value).includes(word))).map(([column]) => `${table}.${column}`));
  return [...new Set(places)].sort();
}
