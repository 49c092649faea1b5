/** Meta allows 1,000 bytes in a message and 2,200 characters in a comment; a signed delivery may hold anything. What lies beyond is not looked at. */
export const MAX_COMPARED_LENGTH = 2500;

/** What a pattern is run on: NFKC and trimmed, letter case as it came. */
export function normalizeText(text: string): string {
  const looked = text.slice(0, MAX_COMPARED_LENGTH);
  // Half of a surrogate pair is no character, and must not be found in the middle of one.
  return isAscii(looked) ? looked.trim() : withoutInvisible(looked.toWellFormed().normalize('NFKC')).trim();
}

/**
 * The form in which texts are compared: NFKC, full case folding (JavaScript has none of its own: lower, upper, lower
 * gives it, so that ß, ẞ and SS are one), trimmed; what stands between words, a line break or several blanks, is one blank.
 */
export function foldText(text: string): string {
  const normal = normalizeText(text).replace(BETWEEN_WORDS, ' ');
  if (isAscii(normal)) return normal.toLowerCase();
  return normal
    .split(DOTLESS_I) // upper case would make an i of it; folding keeps the two apart
    .map((part) => part.toLowerCase().toUpperCase().toLowerCase())
    .join(DOTLESS_I)
    .replaceAll('ς', 'σ')
    .replace(DOTTED_I, 'i')
    .replace(SKIN_TONES, '')
    .replace(APOSTROPHES, "'")
    .replace(QUOTES, '"')
    .replace(DASHES, '-')
    .normalize('NFKC')
    .trim();
}

export function withoutInvisible(text: string): string {
  return text.replace(INVISIBLE, '');
}

/** Most texts are, or most of their like: there is nothing to normalise then. */
export function isAscii(text: string): boolean {
  return ASCII.test(text);
}

// eslint-disable-next-line no-control-regex -- all of ASCII is meant
const ASCII = /^[\x00-\x7f]*$/;

/** A person's keyboard puts the same one behind every hand: "👍🏽" says what "👍" says. */
const SKIN_TONES = /(?<=\p{Emoji_Modifier_Base})\p{Emoji_Modifier}+/gu;

/** Phones make these of what is typed, unasked; whoever writes a rule types the plain ones. */
export const APOSTROPHES = /['\u2018\u2019\u02BC]/g;
const QUOTES = /[\u201C-\u201F]/g;
const DASHES = /[\u2010-\u2015]/g;

/** White space that is not one blank already. */
const BETWEEN_WORDS = /[^\S ]\s*| \s+/g;

const DOTLESS_I = 'ı';
/** Unicode folds the capital İ to an i and a dot of its own, which nobody types: in Turkish it is the capital of i. */
const DOTTED_I = /i\u0307+/g;

/**
 * Characters nobody sees and keyboards add at will: variation selectors ("❤️" and "❤" are the same heart), soft hyphens,
 * zero-width spaces, marks of writing direction. Not the joiners, which make another emoji or another word.
 */
export const INVISIBLE_SIGNS =
  String.raw`\uFE00-\uFE0F\u180B-\u180D\u180F\u{E0100}-\u{E01EF}\u00AD\u200B\u061C\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF`;
const INVISIBLE = new RegExp(`[${INVISIBLE_SIGNS}]`, 'gu');
