// @ts-check
import { join } from 'node:path';
import { Child } from './child.mjs';

/** @typedef {import('./accounts.mjs').BenchAccount} BenchAccount */

/**
 * @typedef {object} LoadPlan
 * @property {readonly BenchAccount[]} accounts deliveries go to their callback addresses in turn
 * @property {number} people how many different people write, shared out evenly among the accounts
 * @property {readonly string[]} [texts] what they write; by default sentences that hold none of the benchmarks' keywords
 */

/**
 * @typedef {object} LoadOrder
 * @property {string} url the service under test
 * @property {number} connections kept alive, each with one delivery under way at a time
 * @property {number} [seconds] how long to go on; without it until everything that was prepared has gone out
 * @property {boolean} [redeliver] delivers again, after the `Retry-After` it was given, what was not answered 200: as Meta does
 * @property {number} [rate] deliveries a second, spread evenly (latency then counts from when each was due); without it as fast as answers come
 */

/**
 * @typedef {object} LoadResult
 * @property {number} seconds from the first delivery to the last answer
 * @property {number} answered
 * @property {Record<string, number>} statuses
 * @property {number} accepted answered 200
 * @property {number} broken connections that ended without an answer
 * @property {number} redelivered
 * @property {number} rate accepted deliveries a second
 * @property {{ p50: number, p90: number, p99: number, max: number }} latency in milliseconds, of those accepted
 * @property {boolean} ranOut everything prepared had gone out before the time was over: the rate stands, prepare more
 * @property {number} cpu seconds of processor time the load process itself took
 * @property {number} startedAt the moment of the first delivery (Date.now())
 */

/**
 * The load, in a process of its own: a small HTTP client over plain sockets that sends requests made and signed before the
 * clock starts. Nothing is made, signed or parsed while it runs but the status line and the length of each answer.
 */
export class Load {
  #child;

  /** @param {Child} child */
  constructor(child) {
    this.#child = child;
  }

  static start() {
    return new Load(new Child(join(import.meta.dirname, 'load-process.mjs')));
  }

  get pid() {
    return this.#child.pid;
  }

  /**
   * Makes and signs deliveries, each with a mid of its own, in place of those that are left.
   * @param {number} count
   * @param {LoadPlan} plan
   * @returns {Promise<number>} the number in the first one's text; the others count on from it
   */
  async prepare(count, plan) {
    return await this.#child.ask('prepare', { count, ...plan });
  }

  /**
   * @param {LoadOrder} order
   * @returns {Promise<LoadResult>}
   */
  async run(order) {
    return await this.#child.ask('run', order);
  }

  async stop() {
    await this.#child.stop();
  }
}
