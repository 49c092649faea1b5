import { withoutInvisible } from './fold-text.js';

/**
 * What a pattern is made of: quotes, escapes, classes, ASCII, and runs of other signs, of which one that is repeated is by
 * itself.
 */
const PIECES =
  /\\Q.*?(?:\\E|$)|\\[pP]\{[^}]*\}|\\x\{[^}]*\}|\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]|[\0-Z\]-\x7f]+|[^\0-\x7f]+(?![*+?{])|./gsu;
const META = /[\\^$.|?*+()[\]{}]/g;

/**
 * A pattern as it is compiled: its letters in the form that NFKC makes of the texts, and without what nobody sees in either
 * ("❤️" as a keyboard types it must find "❤"). Where one sign becomes several ("…", "™"), a repetition is of all of them. In a
 * class each sign that stays one is written so; ranges are left as they are.
 */
export function patternText(source: string): string {
  // Composed first: a letter typed with a combining accent is one.
  const written = withoutInvisible(source.trim().normalize('NFC'));
  return written.replace(PIECES, (piece) => {
    if (piece.startsWith('\\Q')) return piece.normalize('NFKC');
    if (piece.startsWith('\\')) return piece;
    return piece.startsWith('[') ? classText(piece) : literalText(piece);
  });
}

function literalText(piece: string): string {
  const normal = piece.normalize('NFKC');
  if (normal === piece) return piece; // as all ASCII: what means something there goes on meaning it
  const literal = normal.replace(META, '\\$&');
  return isOneSign(piece) && !isOneSign(normal) ? `(?:${literal})` : literal;
}

function classText(piece: string): string {
  return piece.replace(/(?<!-)[^\0-\x7f](?!-)/gu, (sign) => {
    const normal = sign.normalize('NFKC');
    return isOneSign(normal) ? normal.replace(/[\\^[\]-]/, '\\$&') : sign;
  });
}

function isOneSign(text: string): boolean {
  return [...text].length === 1;
}
