import { APOSTROPHES, INVISIBLE_SIGNS, withoutInvisible } from './fold-text.js';

/**
 * What a pattern is made of: invisible signs that are repeated (with the repetition), quotes, escapes, classes, ASCII, and runs
 * of other signs, of which one that is repeated is by itself.
 */
const PIECES = new RegExp(
  [
    `[${INVISIBLE_SIGNS}]+(?:[*+?]|\\{\\d+(?:,\\d*)?\\})\\??`,
    String.raw`\\Q.*?(?:\\E|$)`,
    String.raw`\\[pP]\{[^}]*\}|\\x\{[^}]*\}|\\.`,
    String.raw`\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]`,
    String.raw`[\0-Z\]-\x7f]+`,
    String.raw`[^\0-\x7f]+(?![*+?{])|.`,
  ].join('|'),
  'gsu',
);
const META = /[\\^$.|?*+()[\]{}]/g;
const INVISIBLE_FIRST = new RegExp(`^[${INVISIBLE_SIGNS}]`, 'u');

/**
 * A pattern as it is compiled: its signs in the form that NFKC makes of the texts, and without what nobody sees in either ("❤️" as
 * a keyboard types it must find "❤", and `❤️?` be an optional heart). Where one sign becomes several ("…", "™"), a repetition is
 * of all of them; where it becomes a letter or digit of ASCII ("ℹ️", "①"), it must stand as a word, or it would be found in most
 * texts. What cannot be brought into that form without a change of meaning stays as it is written.
 */
export function patternText(source: string): string {
  // Composed first: a letter typed with a combining accent is one.
  const written = source.trim().normalize('NFC');
  let isOpen = false;
  return written.replace(PIECES, (piece: string, at: number) => {
    isOpen ||= piece === '['; // a class without an end, which the compiler is to refuse: no other may close it
    if (isOpen) return piece;
    const around = { before: written.slice(0, at), after: written.slice(at + piece.length) };
    if (INVISIBLE_FIRST.test(piece) && /[*+?}]$/.test(piece)) return repetitionOf(piece, around.before);
    if (piece.startsWith('\\')) return piece;
    return piece.startsWith('[') ? classText(piece) : withEveryApostrophe(literalText(withoutInvisible(piece), around));
  });
}

/** As in the texts' other form (`fold-text.ts`): phones make one of these of the others, unasked. */
function withEveryApostrophe(piece: string): string {
  return piece.replace(APOSTROPHES, "['\u2018\u2019\u02BC]");
}

interface Around {
  readonly before: string;
  readonly after: string;
}

/** Of invisible signs: it is meant for the sign they belong to, which is seen; without one there is nothing to repeat. */
function repetitionOf(piece: string, before: string): string {
  return /[^\0-\x7f]$/u.test(before) ? withoutInvisible(piece) : '';
}

function literalText(piece: string, around: Around): string {
  const normal = piece.normalize('NFKC');
  if (normal === piece) return piece; // as all ASCII: what means something there goes on meaning it
  const first = normal.charAt(0);
  const last = normal.charAt(normal.length - 1);
  const begin = ASCII_WORD.test(first) && !BEGINS_WITH_LETTER.test(piece) ? borderBefore(around.before, first) : '';
  const end = ASCII_WORD.test(last) && !ENDS_WITH_LETTER.test(piece) ? borderAfter(around.after, last) : '';
  if (begin === null || end === null) return piece;
  const literal = normal.replace(META, '\\$&');
  return `${begin}${isOneSign(piece) && !isOneSign(normal) ? `(?:${literal})` : literal}${end}`;
}

/** A ligature, or a letter of full width, is a part of a word; "ℹ", "™" and "º" are not. */
const BEGINS_WITH_LETTER = /^(?=\p{Script=Latin})[\p{Lu}\p{Ll}]/u;
const ENDS_WITH_LETTER = /(?=\p{Script=Latin})[\p{Lu}\p{Ll}]$/u;
const ASCII_WORD = /\w/;
const LETTER = /[A-Za-z]/;
/** ASCII that means itself, written plainly or escaped. */
const PLAIN_BEFORE = /(?:\\[^\w\s]|[^\\*+?}.)\]\x80-\uffff])$/;
const PLAIN_AFTER = /^(?:\\[^\w\s]|[^\\*+?{.([\x80-\uffff])/;

const BLANK = String.raw`(?:(?: |\\s)[*+?]?)?`;
/** One digit at least: what may be absent is no border. */
const DIGITS = String.raw`(?:(?<!\\)\d|\\d|\[0-9\])(?:\+\??|\{[1-9]\d*(?:,\d*)?\})?`;
const NUMBER = String.raw`(?:${DIGITS}|\((?:\?:|\?P?<\w+>)?${DIGITS}\))`;
/** With or without a blank before it ("№ 12", "№12"). */
const NUMBER_AFTER = new RegExp(String.raw`^${BLANK}${NUMBER}(?![*?{])`);
/** Or behind it ("3º"). */
const NUMBER_BEFORE = new RegExp(String.raw`${NUMBER}${BLANK}$`);

/** What keeps a word apart from what stands before it. Null: nobody knows what that may be. */
function borderBefore(before: string, first: string): string | null {
  if (/(?<!\\)\w$/.test(before)) return ''; // written as one word
  if (LETTER.test(first) && NUMBER_BEFORE.test(before)) return ''; // between a digit and a letter there is no border, and none is needed
  const begins = before === '' || /\(\?(?:P?<\w+>|[imsU]+\))$/.test(before);
  return begins || (PLAIN_BEFORE.test(before) && !/\\\w$/.test(before)) ? '\\b' : null;
}

function borderAfter(after: string, last: string): string | null {
  if (/^\w(?![*?{])/.test(after) || (LETTER.test(last) && NUMBER_AFTER.test(after))) return '';
  return after === '' || PLAIN_AFTER.test(after) || after.startsWith(')') ? '\\b' : null;
}

/** Ranges, and signs that would become a letter or digit of ASCII, are left as they are. */
function classText(piece: string): string {
  const text = piece.replace(/(?<!-)[^\0-\x7f](?!-)/gu, (sign) => {
    const normal = withoutInvisible(sign).normalize('NFKC');
    if (normal === '') return '';
    return isOneSign(normal) && !ASCII_WORD.test(normal) ? normal.replace(/[\\^[\]-]/, '\\$&') : sign;
  });
  return /^\[\^?\]$/.test(text) ? piece : text;
}

function isOneSign(text: string): boolean {
  return [...text].length === 1;
}
