const WIDE = /\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F/u;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** A table of text, cut to what a terminal shows. */
export function table(headings, rows, widest = 72) {
  const cells = [headings, ...rows].map((row) => row.map((cell) => cut(String(cell ?? ''), widest)));
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => width(row[column]))));
  const line = (row) =>
    row
      .map((cell, column) => cell + ' '.repeat(widths[column] - width(cell)))
      .join('  ')
      .trimEnd();
  const [head, ...body] = cells.map(line);
  return [head, widths.map((size) => '─'.repeat(size)).join('  '), ...body].join('\n');
}

function cut(text, widest) {
  const flat = text.replace(/\s+/g, ' ');
  if (width(flat) <= widest) return flat;
  let kept = '';
  for (const { segment } of graphemes.segment(flat)) {
    if (width(kept + segment) >= widest) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Columns on a terminal: an emoji takes two. */
function width(text) {
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) columns += WIDE.test(segment) ? 2 : 1;
  return columns;
}
