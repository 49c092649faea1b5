/**
 * `JSON.parse`, but integers that a JavaScript number would round (ids of Meta have 17 digits, 2^53 has 16) come out as
 * strings, digit for digit. Throws a SyntaxError for what is not JSON.
 */
export function parseJsonWithBigInts(text: string): unknown {
  // The original first: quoting could turn what is not JSON (`{12345678901234567:1}`) into JSON.
  const value: unknown = JSON.parse(text);
  return MAY_HOLD_BIG_INT.test(text) ? (JSON.parse(quoteBigInts(text)) as unknown) : value;
}

/** Cheap and too generous on purpose (it also finds digits inside strings): the scanner decides. */
const MAY_HOLD_BIG_INT = /(?:^|[^"\d.])\d{16}/;
const LONGEST_SAFE = 15;
/** Looked for, not counted: an expression that takes in the digits themselves overflows its stack on millions of them. */
const NO_INTEGER = /[.eE]/;

/** `text` must be valid JSON. */
export function quoteBigInts(text: string): string {
  let result = '';
  let copied = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
    } else if (code === MINUS || isDigit(code)) {
      const end = endOfNumber(text, at);
      const token = text.slice(at, end);
      if (token.length > LONGEST_SAFE && !NO_INTEGER.test(token) && !Number.isSafeInteger(Number(token))) {
        result += `${text.slice(copied, at)}"${token}"`;
        copied = end;
      }
      at = end;
    } else {
      at++;
    }
  }
  return result + text.slice(copied);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;

/** The offset after the string that opens at `from`. */
export function endOfString(text: string, from: number): number {
  let close = from;
  for (;;) {
    close = text.indexOf('"', close + 1);
    if (close < 0) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(close - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return close + 1;
  }
}

function endOfNumber(text: string, from: number): number {
  let end = from + 1;
  while (end < text.length && isPartOfNumber(text.charCodeAt(end))) end++;
  return end;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isPartOfNumber(code: number): boolean {
  return isDigit(code) || code === 0x2e || code === 0x65 || code === 0x45 || code === 0x2b || code === MINUS;
}
