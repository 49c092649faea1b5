// @ts-check
import { join } from 'node:path';
import { Child } from './child.mjs';

/** @typedef {import('./accounts.mjs').BenchAccount} BenchAccount */

/** @typedef {import('./replies.mjs').Expected} Expected */
/** @typedef {import('./replies.mjs').Replies} Replies */

/** The Graph API in a process of its own: the local Meta, with sends judged and counted in front of it. No echoes are delivered. */
export class Graph {
  #child;

  /**
   * @param {Child} child
   * @param {string} url
   */
  constructor(child, url) {
    this.#child = child;
    this.url = url;
  }

  static async start() {
    const child = new Child(join(import.meta.dirname, 'graph-process.mjs'));
    return new Graph(child, await child.ask('start'));
  }

  get pid() {
    return this.#child.pid;
  }

  /** @param {readonly BenchAccount[]} accounts */
  async addAccounts(accounts) {
    await this.#child.ask('addAccounts', accounts);
  }

  /**
   * Forgets what came so far.
   * @param {Expected} expected
   */
  async expect(expected) {
    await this.#child.ask('expect', expected);
  }

  /** @returns {Promise<Replies>} */
  async replies() {
    return await this.#child.ask('replies');
  }

  /** @param {number} ms how long a send waits for its answer */
  async answerAfter(ms) {
    await this.#child.ask('answerAfter', ms);
  }

  /** Connections are refused until it is back. */
  async away() {
    await this.#child.ask('away');
  }

  async back() {
    await this.#child.ask('back');
  }

  async stop() {
    await this.#child.stop();
  }
}
