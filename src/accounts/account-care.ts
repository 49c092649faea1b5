/** What is looked after for every account, each by itself. */
export const CARE_TASKS = ['token', 'subscription'] as const;
export type CareTask = (typeof CARE_TASKS)[number];

/** A task somebody has taken: until `claimedUntil` nobody else takes it, whatever becomes of the one who did. */
export interface ClaimedCare {
  readonly accountId: string;
  readonly task: CareTask;
  readonly claimedUntil: Date;
  /** In a row, up to now. */
  readonly failures: number;
  readonly problem: string | null;
  /** What the task wrote down the last time. */
  readonly detail: string | null;
}

export interface CareResult {
  /** When to look again. */
  readonly dueAt: Date;
  readonly failures: number;
  /** In plain words, for the people who look after the account; null: all is well. */
  readonly problem: string | null;
  /** Absent: as it was. */
  readonly detail?: string | null;
}

/** What can be wrong with an account: what is looked after, and that its stored `credentials` do not open. */
export type ProblemSubject = CareTask | 'credentials';

export interface AccountProblem {
  readonly about: ProblemSubject;
  readonly message: string;
  readonly since: Date;
}
