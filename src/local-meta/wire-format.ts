/**
 * The bytes Meta puts on the wire and signs: JSON with every non-ASCII character as `\uXXXX` (lower-case hex) and every
 * slash as `\/`. Whoever parses such a body and stringifies it again gets other bytes, and another signature.
 */
export function wireBytes(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(escapeAsMeta(stringify(body)), 'latin1');
}

/** JSON with a bigint as a number, which JSON.stringify refuses: Meta writes ids beyond 2^53 so. */
function stringify(body: unknown): string {
  const json = JSON.stringify(body, (_key, value: unknown) =>
    typeof value === 'bigint' ? `${BIGINT}${String(value)}${BIGINT}` : value,
  );
  return json.includes(BIGINT) ? json.replace(QUOTED_BIGINT, '$1') : json;
}

/** A private-use character, which no text here has. */
const BIGINT = '\ue000';
const QUOTED_BIGINT = new RegExp(`"${BIGINT}(-?\\d+)${BIGINT}"`, 'g');

export function escapeAsMeta(json: string): string {
  // A slash outside a string does not occur in JSON, so every slash may be escaped.
  return json.replace(/[/\u007f-\uffff]/g, (character) =>
    character === '/' ? '\\/' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
