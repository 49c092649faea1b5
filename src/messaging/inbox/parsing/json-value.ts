/** Reading a delivery without trusting it: every look is at own fields of real objects, and never throws. */
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

export function textOf(value: unknown, name: string): string | null {
  const field = fieldOf(value, name);
  return typeof field === 'string' ? field : null;
}

/** An id is a string to us, also where Meta sends a number. Null when there is none. */
export function idOf(value: unknown, name: string): string | null {
  const field = fieldOf(value, name);
  if (typeof field === 'string') return field === '' ? null : field;
  return typeof field === 'number' ? String(field) : null;
}

const DEEPEST = 64;

/** The same text for the same content, whatever the order of keys. Null when nested too deeply to be worth it. */
export function canonicalJson(value: unknown, depth = 0): string | null {
  if (typeof value !== 'object' || value === null) return value === undefined ? 'null' : JSON.stringify(value);
  if (depth === DEEPEST) return null;
  const parts: string[] = [];
  if (Array.isArray(value)) {
    for (const item of value) {
      const part = canonicalJson(item, depth + 1);
      if (part === null) return null;
      parts.push(part);
    }
    return `[${parts.join(',')}]`;
  }
  for (const key of Object.keys(value).sort()) {
    const part = canonicalJson((value as JsonObject)[key], depth + 1);
    if (part === null) return null;
    parts.push(`${JSON.stringify(key)}:${part}`);
  }
  return `{${parts.join(',')}}`;
}
