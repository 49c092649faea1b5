import { isInsideFlag } from './flag.js';
import { isWordCodePoint } from './word-character.js';

/** True when `phrase` stands in `text` as whole words. Both are folded already. */
export function containsPhrase(text: string, phrase: string): boolean {
  if (phrase === '') return false;
  const startsWithWord = isWordAt(phrase, 0);
  const endsWithWord = isWordBefore(phrase, phrase.length);
  for (let at = text.indexOf(phrase); at !== -1; at = text.indexOf(phrase, at + 1)) {
    const cutBefore = !startsWithWord || !isWordBefore(text, at);
    const cutAfter = !endsWithWord || !isWordAt(text, at + phrase.length);
    if (cutBefore && cutAfter && !isInsideFlag(text, at) && !isInsideFlag(text, at + phrase.length)) return true;
  }
  return false;
}

function isWordAt(text: string, index: number): boolean {
  const code = text.codePointAt(index);
  return code !== undefined && isWordCodePoint(code);
}

function isWordBefore(text: string, index: number): boolean {
  if (index <= 0) return false;
  const isTail = isBetween(text.charCodeAt(index - 1), 0xdc00, 0xdfff) && isBetween(text.charCodeAt(index - 2), 0xd800, 0xdbff);
  return isWordAt(text, index - (isTail ? 2 : 1));
}

function isBetween(code: number, first: number, last: number): boolean {
  return code >= first && code <= last;
}
