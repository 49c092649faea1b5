/** True when `phrase` stands in `text` as whole words. Both are folded already. */
export function containsPhrase(text: string, phrase: string): boolean {
  if (phrase === '') return false;
  const startsWithWord = isWordCharacter(codePointAt(phrase, 0));
  const endsWithWord = isWordCharacter(codePointBefore(phrase, phrase.length));
  for (let at = text.indexOf(phrase); at !== -1; at = text.indexOf(phrase, at + 1)) {
    const end = at + phrase.length;
    const cutBefore = !startsWithWord || !isWordCharacter(codePointBefore(text, at));
    const cutAfter = !endsWithWord || !isWordCharacter(codePointAt(text, end));
    if (cutBefore && cutAfter) return true;
  }
  return false;
}

function isWordCharacter(character: string): boolean {
  return WORD_CHARACTER.test(character);
}

/**
 * `\b` knows ASCII only. Scripts that are written without spaces have no border to look for: each of their characters
 * counts as one, or "价格" would never be found in "请问价格多少".
 */
const WORD_CHARACTER =
  /^(?![\p{Script_Extensions=Han}\p{Script_Extensions=Hiragana}\p{Script_Extensions=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])[\p{L}\p{M}\p{N}_]/u;

function codePointAt(text: string, index: number): string {
  const code = text.codePointAt(index);
  return code === undefined ? '' : String.fromCodePoint(code);
}

function codePointBefore(text: string, index: number): string {
  const isTail = /[\uDC00-\uDFFF]/.test(text.charAt(index - 1)) && /[\uD800-\uDBFF]/.test(text.charAt(index - 2));
  return index <= 0 ? '' : text.slice(index - (isTail ? 2 : 1), index);
}
