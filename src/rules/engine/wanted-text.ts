import type { ComparedText } from './compared-text.js';
import { foldText, normalizeText } from './fold-text.js';
import { TRIGGER_VALUES, type TriggerType } from './trigger-types.js';

/** A rule's value in the forms in which it is compared. */
export type WantedText = Pick<ComparedText, 'normal' | 'folded'>;

/**
 * What a rule looks for. Empty: anything of the kind will do.
 * @throws Error that says what is wrong with the value.
 */
export function wantedBy(type: TriggerType, value: string | null): WantedText {
  const use = TRIGGER_VALUES[type];
  if (use === 'ignored' || (use === 'optional' && value === null)) return { normal: '', folded: '' };
  const wanted = { normal: normalizeText(value ?? ''), folded: foldText(value ?? '') };
  if (wanted.folded !== '') return wanted;
  throw new Error(use === 'optional' ? 'must not be empty; leave it out, or null, for any' : 'must not be empty');
}
