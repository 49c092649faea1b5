// @ts-check
import { join } from 'node:path';
import { Child } from './child.mjs';

/** @typedef {import('./accounts.mjs').BenchAccount} BenchAccount */

/** The local Meta's Graph API in a process of its own. */
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

  async stop() {
    await this.#child.stop();
  }
}
