import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { AppError } from './errors.js';

export const DEFAULT_PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 200;

/** `?limit=` and `?cursor=` of every list. */
export class PageQuery {
  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: MAX_PAGE_SIZE, default: DEFAULT_PAGE_SIZE, description: 'How many items at most' })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value))
  @IsInt()
  @Min(1)
  @Max(MAX_PAGE_SIZE)
  limit: number = DEFAULT_PAGE_SIZE;

  @ApiPropertyOptional({ type: String, description: '`nextCursor` of the page before; leave out for the first page' })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  cursor?: string;
}

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** A cursor is the sort key of the last item, opaque to clients: keyset pagination stays flat as tables grow. */
export function encodeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key), 'utf8').toString('base64url');
}

/** The key a cursor holds, or undefined for the first page. `shape` says what each part must be. */
export function decodeCursor<const S extends readonly ('string' | 'number')[]>(
  cursor: string | undefined,
  shape: S,
): { [I in keyof S]: S[I] extends 'string' ? string : number } | undefined {
  if (cursor === undefined) return undefined;
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(key) && key.length === shape.length && key.every((part, i) => typeof part === shape[i] && isKeyPart(part))) {
      return key as unknown as { [I in keyof S]: S[I] extends 'string' ? string : number };
    }
  } catch {
    // Not ours: said below.
  }
  throw new AppError('invalid', 'bad_cursor', 'cursor: not a cursor of this list; leave it out to start at the first page');
}

/** Anyone can make up a cursor: what no id, position or time of ours can be must not reach a query, where a server may fail on it. */
function isKeyPart(part: unknown): boolean {
  if (typeof part === 'string') return /^[\x21-\x7e]{1,200}$/.test(part);
  return Number.isSafeInteger(part) && Number(part) >= NO_TIME && Number(part) <= LATEST_TIME;
}

/** Stands in a cursor where there is no time. */
export const NO_TIME = -1;
const LATEST_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Cuts the one row too many that was read to learn whether there is a next page. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  item: (row: Row) => Item,
  key: (row: Row) => readonly (string | number)[],
): Page<Item> {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return {
    items: kept.map(item),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(key(last)) : null,
  };
}
