// @ts-check
import { join } from 'node:path';
import { Child } from '../support/child.mjs';

/**
 * @typedef {object} StormOrder
 * @property {string} url the service under test
 * @property {number} connections kept alive; what finds none free waits in the load process
 * @property {number} rate new deliveries a second, whether or not the ones before are answered
 * @property {number} giveUpAfterSeconds
 */

/** Milliseconds. @typedef {{ p50: number, p99: number, max: number }} Spread */

/**
 * @typedef {object} StormResult
 * @property {number} seconds until everything was answered 200
 * @property {number} deliveries
 * @property {number} accepted
 * @property {Record<string, number>} statuses of all attempts; 0: the connection ended without an answer
 * @property {number} refusedOnce deliveries that needed more than one attempt
 * @property {number} mostUnderWay
 * @property {number} mostWaitingHere
 * @property {Record<string, Spread>} latency in milliseconds, by status; the connection's own time included where one was opened
 * @property {Spread & { count: number }} connects how long a new connection took to be there
 * @property {Spread} lag of the load process itself
 * @property {{ accepted: number, refused: number, broken: number }[]} timeline by second
 */

/** Load far above capacity, in a process of its own, that delivers as Meta does: what is not answered 200 comes again, at once and then with growing patience. */
export class Storm {
  #child;

  /** @param {Child} child */
  constructor(child) {
    this.#child = child;
  }

  get pid() {
    return this.#child.pid;
  }

  static start() {
    return new Storm(new Child(join(import.meta.dirname, 'storm-process.mjs')));
  }

  /**
   * @param {number} count
   * @param {import('../support/load.mjs').LoadPlan} plan
   */
  async prepare(count, plan) {
    await this.#child.ask('prepare', { count, ...plan });
  }

  /**
   * @param {StormOrder} order
   * @returns {Promise<StormResult>}
   */
  async run(order) {
    return await this.#child.ask('run', order);
  }

  async stop() {
    await this.#child.stop();
  }
}
