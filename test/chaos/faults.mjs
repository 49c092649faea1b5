// @ts-check

/** @typedef {import('../../src/local-meta/index.js').Call} Call */
/** @typedef {import('../../src/local-meta/index.js').Failure} Failure */
/** @typedef {import('./random.mjs').Random} Random */

/**
 * What becomes of a send, and in how many of a hundred.
 * @type {readonly (readonly [share: number, name: string, failure: (random: Random) => Failure])[]}
 */
const SEND_FAULTS = [
  [5, 'accepted, then dropped', (random) => ({ mode: 'drop', accepted: true, answerDelayMs: random.int(0, 60) })],
  [1, 'dropped, not accepted', () => ({ mode: 'drop' })],
  [0.7, 'accepted, then 502', () => ({ mode: 'status', status: 502, accepted: true })],
  [0.7, 'accepted, then error 1/1357046', () => ({ code: 1, subcode: 1357046 })],
  [0.4, '500, not accepted', () => ({ code: 2 })],
  [0.3, 'accepted, never answered', () => ({ mode: 'timeout', accepted: true })],
  [0.1, 'never answered, not accepted', () => ({ mode: 'timeout' })],
  [0.5, 'accepted late', (random) => ({ mode: 'delay', delayMs: random.int(300, 8000) })],
  [4, 'answered late', (random) => ({ mode: 'delay', answerDelayMs: random.int(50, 2500) })],
];

/**
 * What becomes of a look-up.
 * @type {typeof SEND_FAULTS}
 */
const LOOKUP_FAULTS = [
  [3, 'look-up dropped', () => ({ mode: 'drop' })],
  [3, 'look-up failed', () => ({ code: 2 })],
  [10, 'look-up answered late', (random) => ({ mode: 'delay', answerDelayMs: random.int(50, 1500) })],
];

/**
 * When a send's echo comes.
 * @type {typeof SEND_FAULTS}
 */
const ECHOES = [
  [20, 'echo before the answer', () => ({ echo: 'before' })],
  [10, 'echo late', (random) => ({ echo: 'after', echoDelayMs: random.int(200, 6000) })],
  [5, 'no echo', () => ({ echo: 'never' })],
];

/** While a kill is aimed at a call, its answer is held back for this long: nobody will be there to read it. */
const HELD_MS = 2_000;

/** Chance, with a seed: what the local Meta does to each call. */
export class Faults {
  #random;
  /** @type {(() => void) | null} */
  #aimed = null;
  /** How often each was met. @type {Map<string, number>} */
  counts = new Map();

  /** @param {Random} random */
  constructor(random) {
    this.#random = random;
  }

  /**
   * Asked by the local Meta about each call, before it does anything.
   * @param {Call} call
   * @returns {Failure | null}
   */
  of(call) {
    if (call.endpoint === 'conversations' || call.endpoint === 'message') return this.#draw(LOOKUP_FAULTS);
    if (call.endpoint !== 'messages') return null;
    const echo = this.#draw(ECHOES);
    const aimed = this.#aimed;
    if (aimed) {
      this.#aimed = null;
      // Who waits goes on after this turn, and in this turn the message is accepted.
      aimed();
      return { mode: 'delay', ...echo, answerDelayMs: HELD_MS };
    }
    const fault = this.#draw(SEND_FAULTS);
    return fault || echo ? { mode: 'delay', ...echo, ...fault } : null;
  }

  /** Resolves when the next message has been accepted, and its caller still waits for the answer. */
  nextAccepted() {
    return /** @type {Promise<void>} */ (new Promise((resolve) => (this.#aimed = resolve)));
  }

  /**
   * @param {typeof SEND_FAULTS} table
   * @returns {Failure | null}
   */
  #draw(table) {
    let left = this.#random.next() * 100;
    for (const [share, name, failure] of table) {
      left -= share;
      if (left >= 0) continue;
      this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
      return failure(this.#random);
    }
    return null;
  }
}
