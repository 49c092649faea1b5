export type Topic = 'inbox' | 'outbox';

export const TOPICS: readonly Topic[] = ['inbox', 'outbox'];

/**
 * Does all the work a lane has. Called for one lane never twice at once by the same process.
 * @param elsewhere another process has rung (too): what this one remembers of its own rings does not say all
 */
export type LaneHandler = (lane: number, elsewhere: boolean) => Promise<void>;

/** `process`: rings reach this process alone. `redis_away`: they should reach all, and for now reach this one alone. */
export type Reach = 'process' | 'redis' | 'redis_away';

/**
 * "Lane 17 has work": a hint, never the work itself. The database is the truth, so a bell that is lost costs time and
 * nothing else (the sweepers ring again), and a bell too many finds nothing to do. Bells for a lane that already waits
 * are merged; a bell that comes while the lane is being worked on causes exactly one more run after it.
 */
export abstract class Doorbell {
  /** Never waits and never throws: callers ring on their way to an answer. */
  abstract ring(topic: Topic, lane: number): void;

  /**
   * The same, for work that this process does best itself, or that a bell for all has not brought anybody to. A process
   * that answers no bells rings for the others.
   */
  abstract ringHere(topic: Topic, lane: number): void;

  /** Who comes when a lane of the topic is rung. One handler a topic, named before `start`. */
  abstract answer(topic: Topic, handler: LaneHandler): void;

  /** From here on bells are answered. A process that only receives never calls it. */
  abstract start(): void;

  /** Answers no more bells, and resolves when the lanes in hand are done. */
  abstract stop(): Promise<void>;

  abstract get reach(): Reach;
}
