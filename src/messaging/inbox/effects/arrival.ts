import type { ProcessingSettings } from '../../../accounts/index.js';
import type { Decision } from '../inbox-event.js';
import type { Subject } from '../parsing/read-payload.js';
import type { ReadEvent } from '../read-event.js';

/** An event on its turn, with what its account wants. */
export interface Arrival {
  readonly read: ReadEvent;
  readonly settings: ProcessingSettings;
}

export type SubjectOf<Is extends Subject['is']> = Extract<Subject, { readonly is: Is }>;

/** What came of an event. `again`: there was nothing left to do, and what was decided the first time stays. */
export type Outcome = Decision | { readonly again: string };
