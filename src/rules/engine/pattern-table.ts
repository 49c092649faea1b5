import type { CompiledRule } from './compiled-rule.js';
import { patternText } from './pattern-text.js';
import { requiredText } from './required-text.js';
import type { RuleList } from './rule-order.js';

/**
 * Finds which of many patterns are worth running on a text: those of which a required piece may stand in it. A piece is
 * known by its first three characters, and these by a number; the text's are worked out once, however many patterns there are.
 */
export class PatternTable {
  private readonly byPiece: ReadonlyMap<number, RuleList>;
  /** A look into these is several times faster than one into the map, and all but a few end here. */
  private readonly isPiece = new Uint8Array(HASHES);
  /** Those that require nothing, a digit or less than three characters. */
  private readonly always: RuleList;

  constructor(patterns: RuleList) {
    const byPiece = new Map<number, CompiledRule[]>();
    const always: CompiledRule[] = [];
    for (const rule of patterns) {
      const pieces = piecesOf(rule);
      if (pieces === null) always.push(rule);
      for (const hash of pieces ?? []) {
        this.isPiece[hash] = 1;
        byPiece.set(hash, [...(byPiece.get(hash) ?? []), rule]);
      }
    }
    this.byPiece = byPiece;
    this.always = always;
  }

  /** @param text without case, as `withoutCase` makes it. */
  find(text: string, report: (rules: RuleList) => void): void {
    if (this.always.length > 0) report(this.always);
    if (this.byPiece.size === 0) return;
    for (let at = 0; at + PIECE <= text.length; at++) {
      const hash = hashAt(text, at);
      if (this.isPiece[hash] === 1) report(this.byPiece.get(hash) ?? []);
    }
  }
}

const PIECE = 3;
const HASHES = 1 << 14;

function piecesOf({ definition }: CompiledRule): Set<number> | null {
  const required = requiredText(patternText(definition.triggerValue ?? ''));
  if (required === null) return null;
  const hashes = new Set<number>();
  for (const piece of required) {
    if (typeof piece !== 'string' || piece.length < PIECE) return null;
    hashes.add(hashAt(piece, 0));
  }
  return hashes;
}

function hashAt(text: string, at: number): number {
  return (text.charCodeAt(at) * 961 + text.charCodeAt(at + 1) * 31 + text.charCodeAt(at + 2)) & (HASHES - 1);
}
