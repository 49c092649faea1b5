import { isWordCodePoint } from './word-character.js';

/**
 * A text cut where a phrase may begin or end: into whole words and, between them, single characters. A phrase stands in a
 * text, in the sense of `containsPhrase`, exactly when its parts follow one another among the text's parts.
 */
export function partsOf(text: string): string[] {
  const parts: string[] = [];
  let word = -1;
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at) ?? 0;
    const end = at + (code > 0xffff ? 2 : 1);
    if (isWordCodePoint(code)) {
      if (word === -1) word = at;
    } else {
      if (word !== -1) parts.push(text.slice(word, at));
      word = -1;
      parts.push(text.slice(at, end));
    }
    at = end;
  }
  if (word !== -1) parts.push(text.slice(word));
  return parts;
}
