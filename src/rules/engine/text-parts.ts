import { isFlagLetter } from './flag.js';
import { isWordCodePoint } from './word-character.js';

/**
 * A text cut where a phrase may begin or end: into whole words and, between them, single characters and flags. A phrase stands in a
 * text, in the sense of `containsPhrase`, exactly when its parts follow one another among the text's parts.
 */
export function partsOf(text: string): string[] {
  const parts: string[] = [];
  let word = -1;
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at) ?? 0;
    const after = at + (code > 0xffff ? 2 : 1);
    const end = isFlagLetter(code) && isFlagLetter(text.codePointAt(after)) ? after + 2 : after;
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
