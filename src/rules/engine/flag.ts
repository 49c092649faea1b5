/** One of the letters of which two make a flag, whatever stands around them. */
export function isFlagLetter(code: number | undefined): boolean {
  return code !== undefined && code >= 0x1f1e6 && code <= 0x1f1ff;
}

/** True between the two letters of a flag: "🇩🇪🇸🇪" is Germany and Sweden, and nowhere Spain, though "🇪🇸" stands in it. */
export function isInsideFlag(text: string, index: number): boolean {
  if (!isFlagLetter(text.codePointAt(index))) return false;
  let before = index;
  while (before >= LETTER && isFlagLetter(text.codePointAt(before - LETTER))) before -= LETTER;
  return ((index - before) / LETTER) % 2 === 1;
}

/** UTF-16 units. */
const LETTER = 2;
