import { foldText, normalizeText } from './fold-text.js';
import { withoutCase } from './required-text.js';

/** A text in the forms in which it is compared. */
export class ComparedText {
  private known: string | undefined;

  private constructor(
    /** Patterns run on this; letter case as it came. */
    readonly normal: string,
    readonly folded: string,
  ) {}

  /** Null when nothing is left to compare. */
  static of(text: string | null): ComparedText | null {
    if (text === null) return null;
    const normal = normalizeText(text);
    return normal === '' ? null : new ComparedText(normal, foldText(normal));
  }

  /** What `normal` is searched in for what a pattern requires; worked out when the first pattern asks. */
  get caseless(): string {
    return (this.known ??= withoutCase(this.normal));
  }
}
