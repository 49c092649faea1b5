/**
 * The same delivery in the other forms that have been seen. Each gives a value to `deliver`, not a `Delivery`: ids and
 * times change their types.
 */

/** Every id that is all digits as a JSON number; `wireBytes` writes it digit by digit, however long. */
export function withNumericIds(delivery: unknown): unknown {
  return rewritten(delivery, (key, value) =>
    /^(?:.*_)?id$/.test(key) && typeof value === 'string' && /^[1-9]\d*$/.test(value) ? BigInt(value) : value,
  );
}

export type TimeForm = 'seconds' | 'text' | 'text of seconds' | 'iso';

/** `time` and `timestamp` in another unit or as text. */
export function withTimes(delivery: unknown, form: TimeForm): unknown {
  return rewritten(delivery, (key, value) =>
    (key === 'time' || key === 'timestamp') && typeof value === 'number' ? timeAs(form, value) : value,
  );
}

/** As Meta's pages print a delivery: inside an array. */
export function arrayOf(...deliveries: readonly unknown[]): readonly unknown[] {
  return deliveries;
}

function timeAs(form: TimeForm, value: number): number | string {
  const ms = value < 1e11 ? value * 1000 : value;
  switch (form) {
    case 'seconds':
      return Math.floor(ms / 1000);
    case 'text':
      return String(ms);
    case 'text of seconds':
      return String(Math.floor(ms / 1000));
    case 'iso':
      return new Date(ms).toISOString().replace('Z', '+0000');
  }
}

function rewritten(value: unknown, change: (key: string, value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => rewritten(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rewritten(change(key, inner), change)]));
}
