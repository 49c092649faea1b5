/**
 * The bytes Meta puts on the wire and signs: JSON with every non-ASCII character as `\uXXXX` (lower-case hex) and every
 * slash as `\/`. Whoever parses such a body and stringifies it again gets other bytes, and another signature.
 */
export function wireBytes(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(escapeAsMeta(JSON.stringify(body)), 'latin1');
}

export function escapeAsMeta(json: string): string {
  // A slash outside a string does not occur in JSON, so every slash may be escaped.
  return json.replace(/[/\u007f-\uffff]/g, (character) =>
    character === '/' ? '\\/' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
