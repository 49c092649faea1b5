import { RE2JS } from 're2js';
import type { ComparedText } from './compared-text.js';
import { patternText } from './pattern-text.js';
import { hasRequired, requiredText, type RequiredText } from './required-text.js';

/** What a pattern found: the whole under `0`, groups under their numbers and names. */
export type PatternMatch = Readonly<Record<string, string | null>>;

/** A user's pattern. RE2 runs in time linear in the text: no pattern can hang the service. */
export class Pattern {
  private constructor(
    private readonly compiled: RE2JS,
    private readonly required: RequiredText | null,
  ) {}

  /** @throws Error that says what is wrong with the pattern. */
  static compile(source: string): Pattern {
    const written = patternText(source);
    const compiled = RE2JS.compile(written, RE2JS.CASE_INSENSITIVE);
    if (compiled.programSize() > MAX_PROGRAM_SIZE)
      throw new Error('the pattern is too large when its repetitions are written out');
    return new Pattern(compiled, requiredText(written));
  }

  /** False: without running it, it is known that it does not match. */
  mayMatch(text: ComparedText): boolean {
    return this.required === null || hasRequired(text.caseless, this.required);
  }

  /** Runs on the text as it is written: the match keeps its letter case. */
  match(text: ComparedText): PatternMatch | null {
    if (!this.mayMatch(text)) return null;
    // Whether it matches at all is found out several times faster than where.
    if (!this.compiled.test(text.normal)) return null;
    const matcher = this.compiled.matcher(text.normal);
    if (!matcher.find()) return null;
    const found: Record<string, string | null> = {};
    for (let group = 0; group <= matcher.groupCount(); group++) found[String(group)] = matcher.group(group);
    for (const [name, group] of Object.entries(this.compiled.namedGroups())) found[name] = matcher.group(group);
    return found;
  }
}

/** Instructions. Time grows with their number times the text's length, to 0.1 s here; a pattern written by hand has tens. */
const MAX_PROGRAM_SIZE = 1000;
