/**
 * True for what words are made of: letters, marks, digits and `_` of any script. `\b` knows ASCII only. Scripts that are
 * written without spaces have no border to look for: each of their characters counts as a word, or "价格" would never be
 * found in "请问价格多少".
 */
export function isWordCodePoint(code: number): boolean {
  if (code > 0xffff) return WORD_CHARACTER.test(String.fromCodePoint(code));
  const known = KNOWN[code];
  if (known !== UNASKED) return known === YES;
  const answer = WORD_CHARACTER.test(String.fromCharCode(code));
  KNOWN[code] = answer ? YES : NO;
  return answer;
}

const WORD_CHARACTER =
  /^(?![\p{Script_Extensions=Han}\p{Script_Extensions=Hiragana}\p{Script_Extensions=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])[\p{L}\p{M}\p{N}_]/u;

/** What the expression said about each character that was asked about: it is asked for every character of every text. */
const KNOWN = new Uint8Array(0x10000);
const UNASKED = 0;
const NO = 1;
const YES = 2;
