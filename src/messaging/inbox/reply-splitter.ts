import { MESSAGE_BYTES } from '../../common/fits-one-message.decorator.js';

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * A reply in parts that Meta takes: each within the limit, broken at white space where there is any, and never inside
 * what a reader sees as one character. The white space at a break is dropped.
 */
export function splitReply(text: string, limit = MESSAGE_BYTES): string[] {
  const whole = text.trim();
  if (whole === '') return [];
  if (Buffer.byteLength(whole) <= limit) return [whole];
  const pieces = piecesOf(whole, limit);
  const parts: string[] = [];
  let start = 0;
  while (start < pieces.length) {
    const full = endOfRoom(pieces, start, limit);
    const end = full === pieces.length ? full : breakBefore(pieces, start, full);
    const part = pieces.slice(start, end).join('').trim();
    if (part !== '') parts.push(part);
    start = end;
    while (start < pieces.length && isSpace(pieces[start])) start++;
  }
  return parts;
}

/** Graphemes; one that alone is beyond the limit (a letter under a thousand accents) as its code points. */
function piecesOf(text: string, limit: number): string[] {
  const segments = [...graphemes.segment(text)].map(({ segment }) => segment);
  return segments.flatMap((segment) => (Buffer.byteLength(segment) <= limit ? [segment] : [...segment]));
}

function endOfRoom(pieces: readonly string[], start: number, limit: number): number {
  let bytes = 0;
  let end = start;
  for (; end < pieces.length; end++) {
    bytes += Buffer.byteLength(pieces[end] ?? '');
    if (bytes > limit) break;
  }
  return Math.max(end, start + 1);
}

/** The last white space up to and including what no longer fits; without any, all that fits. */
function breakBefore(pieces: readonly string[], start: number, full: number): number {
  for (let at = full; at > start; at--) if (isSpace(pieces[at])) return at;
  return full;
}

function isSpace(piece: string | undefined): boolean {
  return piece !== undefined && piece.trim() === '';
}
