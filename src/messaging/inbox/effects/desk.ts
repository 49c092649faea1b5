import type { ProcessingSettings } from '../../../accounts/index.js';
import type { BatchChanges } from '../batch-changes.js';
import type { Decision } from '../inbox-event.js';
import type { Subject } from '../parsing/read-payload.js';
import type { ReadEvent } from '../read-event.js';
import type { Answering } from './answering.js';

/** An event on its turn, with what its account wants. */
export interface Arrival {
  readonly read: ReadEvent;
  readonly settings: ProcessingSettings;
}

export type SubjectOf<Is extends Subject['is']> = Extract<Subject, { readonly is: Is }>;

/** What effects work with: the changes of the batch so far, and the rules to be asked. */
export interface Desk {
  readonly changes: BatchChanges;
  readonly answering: Answering;
  readonly now: Date;
}

/** What came of an event. `again`: there was nothing left to do, and what was decided the first time stays. */
export type Outcome = Decision | { readonly again: string };
