import { MESSAGE_BYTES } from '../../common/fits-one-message.decorator.js';

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * A reply in parts that Meta takes: each within the limit, broken at white space where there is any, and never inside
 * what a reader sees as one character. The white space at a break is dropped. Takes time and memory in proportion to the text.
 * @param limit bytes of UTF-8
 */
export function splitReply(text: string, limit = MESSAGE_BYTES): string[] {
  const parts: string[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const end = endOfPart(rest, limit);
    parts.push(rest.slice(0, end).trim());
    rest = rest.slice(end).trimStart();
  }
  return parts;
}

/** Where the first part ends: the text begins with something to be seen. */
function endOfPart(text: string, limit: number): number {
  if (text.length <= limit && Buffer.byteLength(text) <= limit) return text.length;
  // A part has no more UTF-16 units than bytes, and whether it may end there depends on the code point that follows. More must
  // not be looked at: the segmenter copies what it is given for every character it finds.
  const beginning = text.slice(0, limit + 2);
  let bytes = 0;
  let end = 0;
  let space = 0;
  for (const { segment, index } of graphemes.segment(beginning)) {
    // Up to and including what no longer fits.
    if (segment.trim() === '') space = index;
    bytes += Buffer.byteLength(segment);
    if (bytes > limit) break;
    end = index + segment.length;
  }
  return space || end || endOfCodePoints(beginning, limit);
}

/** Of a character that alone is beyond the limit (a letter under a thousand accents): as much as fits. */
function endOfCodePoints(text: string, limit: number): number {
  let bytes = 0;
  let end = 0;
  for (const point of text) {
    bytes += Buffer.byteLength(point);
    if (bytes > limit && end > 0) break;
    end += point.length;
  }
  return end;
}
