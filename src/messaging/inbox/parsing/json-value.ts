import type { JsonObject } from '../../../common/json-fields.js';

export { fieldOf, idOf, isObject, listOf, objectOf, textOf, type JsonObject } from '../../../common/json-fields.js';

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
