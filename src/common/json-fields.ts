/** JSON from elsewhere is read without trusting it: only own fields of real objects, and never a throw. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fieldOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

export function objectOf(value: unknown, name: string): JsonObject | null {
  const field = fieldOf(value, name);
  return isObject(field) ? field : null;
}

export function listOf(value: unknown, name: string): readonly unknown[] {
  const field = fieldOf(value, name);
  return Array.isArray(field) ? field : [];
}

/** Half a surrogate pair, which JSON can hold, is no text: each database would store, and Meta take, something else for it. */
export function textOf(value: unknown, name: string): string | null {
  const field = fieldOf(value, name);
  return typeof field === 'string' ? field.toWellFormed() : null;
}

/** An id is a string to us, also where Meta sends a number. */
export function idOf(value: unknown, name: string): string | null {
  const field = fieldOf(value, name);
  if (typeof field === 'number') return String(field);
  return typeof field === 'string' && field !== '' ? field : null;
}
