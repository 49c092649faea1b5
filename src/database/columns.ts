import { Column, PrimaryColumn, type ColumnOptions } from 'typeorm';

/**
 * Column decorators for entities. The migrations say how a column is made (charset, collation, length); these say only
 * what the drift check compares. `longText` and `sequence` have no name that all three servers share: the right one is
 * put in by `portableColumns` just before a data source is made.
 */
export const PORTABLE_TYPES = { longText: 'portable-long-text', sequence: 'portable-sequence' } as const;

export const LongText = (options: ColumnOptions = {}): PropertyDecorator =>
  Column({ ...options, type: PORTABLE_TYPES.longText as never });

export const TimeColumn = (options: ColumnOptions = {}): PropertyDecorator =>
  Column({ ...options, type: 'datetime', precision: 3 });

/** An auto-increment primary key. A JavaScript number: it counts our own rows and stays far below 2^53. */
export const SequenceKey = (): PropertyDecorator => (target, property) => {
  PrimaryColumn({ type: PORTABLE_TYPES.sequence as never, generated: 'increment' })(target, property);
};
