import { isAscii } from './fold-text.js';

/** Letter case taken away character by character, so that a part of a text stays a part: patterns ignore case in this way. */
export function withoutCase(text: string): string {
  return isAscii(text) ? text.toLowerCase() : text.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ');
}

/** Any digit of these. */
export const SOME_DIGIT = /[0-9]/;

/** One of these stands in every text that the pattern matches: a piece of text without case, or a digit. */
export type RequiredText = readonly (string | typeof SOME_DIGIT)[];

/** False: no text without it can match. */
export function hasRequired(text: string, required: RequiredText): boolean {
  return required.some((piece) => (typeof piece === 'string' ? text.includes(piece) : piece.test(text)));
}

/**
 * What a text must hold before it is worth running an RE2 pattern on it: of `order\s+(\d+)`, "order". Null: nothing can be
 * told. Knows the syntax as far as people use it, and gives up where it does not: to require too little costs microseconds,
 * to require too much would cost an answer.
 */
export function requiredText(pattern: string): RequiredText | null {
  try {
    return new Reader(pattern).read();
  } catch (error) {
    if (error instanceof GaveUp) return null;
    throw error;
  }
}

class GaveUp extends Error {}

/** More alternatives than that are not worth looking for. */
const MAX_ALTERNATIVES = 16;

class Reader {
  private at = 0;

  constructor(private readonly pattern: string) {}

  read(): RequiredText | null {
    // Further on, a repetition behind the flags would count for what stands before them.
    this.take(/\(\?[imsU]+\)(?![*+?{])/y);
    const required = this.alternatives();
    if (this.at < this.pattern.length) throw new GaveUp(); // a stray ")"
    return required;
  }

  /** Each alternative must require something, or the whole requires nothing. */
  private alternatives(): RequiredText | null {
    const branches = [this.sequence()];
    while (this.take(/\|/y) !== null) branches.push(this.sequence());
    const all = branches.flatMap((branch) => branch ?? []);
    return branches.includes(null) || all.length > MAX_ALTERNATIVES ? null : all;
  }

  /** The best of what stands one after the other. */
  private sequence(): RequiredText | null {
    let best: RequiredText | null = null;
    let run = '';
    const offer = (candidate: RequiredText | null): void => {
      if (candidate !== null && (best === null || worth(candidate) > worth(best))) best = candidate;
    };
    const endRun = (): void => {
      if (run !== '') offer([withoutCase(run)]);
      run = '';
    };
    while (this.at < this.pattern.length && !/[|)]/.test(this.pattern.charAt(this.at))) {
      const item = this.item();
      const { least, most } = this.repetition();
      if (typeof item === 'string' && least === 1 && most === 1) {
        run += item;
        continue;
      }
      if (typeof item === 'string' && least > 0) run += item;
      endRun();
      if (typeof item !== 'string' && least > 0) offer(item);
    }
    endRun();
    return best;
  }

  /** A character, or what a group, a class or an escape requires. */
  private item(): string | RequiredText | null {
    if (this.take(/\((?:\?(?:P?<\w+>|[imsU]*(?:-[imsU]+)?:))?(?!\?)/y) !== null) {
      const inner = this.alternatives();
      if (this.take(/\)/y) === null) throw new GaveUp();
      return inner;
    }
    if (this.take(/\[0-9\]|\\d/y) !== null) return [SOME_DIGIT];
    if (this.take(/\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]/suy) !== null) return null;
    if (this.take(/[.^$]|\\[bBAzDsSwWCtnrfva]|\\[pP](?:\w|\{\^?\w+\})|\\x(?:[0-9a-fA-F]{2}|\{[0-9a-fA-F]+\})/y) !== null) return null;
    const escaped = this.take(/\\[^\w\s]/uy);
    if (escaped !== null) return escaped.slice(1);
    const plain = this.take(/[^\\()[\]{}|*+?^$.]/uy);
    if (plain === null) throw new GaveUp();
    return plain;
  }

  private repetition(): { least: number; most: number } {
    const sign = this.take(/(?:[*+?]|\{\d+(?:,\d*)?\})\??/y);
    if (sign === null) return { least: 1, most: 1 };
    const least = sign.startsWith('{') ? Number.parseInt(sign.slice(1), 10) : sign.startsWith('+') ? 1 : 0;
    return { least, most: Infinity };
  }

  private take(what: RegExp): string | null {
    what.lastIndex = this.at;
    const found = what.exec(this.pattern)?.[0];
    if (found === undefined) return null;
    this.at += found.length;
    return found;
  }
}

/** The longer, the rarer; of several, the most frequent counts. */
function worth(required: RequiredText): number {
  return Math.min(...required.map((piece) => (typeof piece === 'string' ? piece.length : 0.5))) - required.length / 100;
}
