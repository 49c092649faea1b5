import type { BatchChanges } from '../batch-changes.js';
import type { Answering } from './answering.js';

/** What effects work with: the changes of the batch so far, and the rules to be asked. */
export interface Desk {
  readonly changes: BatchChanges;
  readonly answering: Answering;
  readonly now: Date;
}
