import { endOfString } from './json-with-big-ints.js';

/** Where a value stands in a JSON text: from its first character to after its last. */
export interface JsonSpan {
  readonly start: number;
  readonly end: number;
}

/**
 * Where the children of a container stand, so that a part of a delivery can be kept exactly as it came. `text` must be
 * valid JSON. An array's children by index, an object's by key (the last of equal keys, as `JSON.parse` has it); none
 * for a scalar. Without recursion: nesting may be as deep as the text is long.
 */
export function childSpans(text: string, container: JsonSpan): { items: JsonSpan[]; fields: Map<string, JsonSpan> } {
  const items: JsonSpan[] = [];
  const fields = new Map<string, JsonSpan>();
  const open = text[container.start];
  if (open !== '[' && open !== '{') return { items, fields };
  let at = skipSpace(text, container.start + 1);
  while (at < container.end - 1) {
    let key: string | null = null;
    if (open === '{') {
      const endOfKey = endOfString(text, at);
      key = JSON.parse(text.slice(at, endOfKey)) as string;
      at = skipSpace(text, skipSpace(text, endOfKey) + 1); // over the colon
    }
    const span = { start: at, end: endOfValue(text, at) };
    if (key === null) items.push(span);
    else fields.set(key, span);
    at = skipSpace(text, skipSpace(text, span.end) + 1); // over the comma, or the bracket that closes
  }
  return { items, fields };
}

/** The span of the one value a JSON text holds. */
export function rootSpan(text: string): JsonSpan {
  const start = skipSpace(text, 0);
  return { start, end: endOfValue(text, start) };
}

/** How deep the containers of a valid JSON text are nested: what works by recursion must not be let near deep ones. */
export function nestingDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; ) {
    const char = text[at];
    if (char === '"') {
      at = endOfString(text, at);
      continue;
    }
    if (char === '[' || char === '{') deepest = Math.max(deepest, ++depth);
    else if (char === ']' || char === '}') depth--;
    at++;
  }
  return deepest;
}

function endOfValue(text: string, from: number): number {
  const first = text[from];
  if (first === '"') return endOfString(text, from);
  if (first !== '[' && first !== '{') {
    let end = from;
    while (end < text.length && !ENDS_SCALAR.has(text.charCodeAt(end))) end++;
    return end;
  }
  let depth = 0;
  for (let at = from; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at = endOfString(text, at);
      continue;
    }
    if (code === 0x5b || code === 0x7b) depth++;
    else if ((code === 0x5d || code === 0x7d) && --depth === 0) return at + 1;
    at++;
  }
  return text.length;
}

/** Space, tab, line feed, carriage return, comma, and the closing brackets. */
const ENDS_SCALAR = new Set([0x20, 0x09, 0x0a, 0x0d, 0x2c, 0x5d, 0x7d]);

function skipSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) return at;
    at++;
  }
}
