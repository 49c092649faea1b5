// @ts-check
import { deliver, messageOf } from './deliveries.mjs';
import { SENTENCES } from './sentences.mjs';

/** @typedef {import('./load.mjs').LoadPlan} LoadPlan */

const BLOCK_BYTES = 8 * 1024 * 1024;

/** Whole HTTP requests, ready to be written to a socket, in the order in which they go out. */
export class Requests {
  /** @type {Buffer[]} */
  #ready = [];
  #next = 0;
  #made = 0;
  #block = Buffer.alloc(0);
  #used = 0;

  get waiting() {
    return this.#ready.length - this.#next;
  }

  /**
   * What is left of earlier ones is forgotten.
   * @param {number} count
   * @param {LoadPlan} plan
   * @returns {number} the number in the first one's text; the others count on from it
   */
  prepare(count, { accounts, people, texts = SENTENCES }) {
    if (people % accounts.length !== 0) throw new Error(`${String(people)} people cannot be shared out evenly among ${String(accounts.length)} accounts`);
    const first = this.#made;
    this.#ready = [];
    this.#next = 0;
    for (let made = 0; made < count; made++) {
      const nth = this.#made++;
      const account = accounts[nth % accounts.length];
      if (!account) throw new Error('no accounts');
      // Nobody writes twice in a row, and each to one account only.
      const { path, headers, body } = deliver(account, [messageOf(account, { person: nth % people, text: texts[nth % texts.length] ?? '', nth })]);
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      this.#add(`POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${lines.join('')}Content-Length: ${String(body.length)}\r\n\r\n`, body);
    }
    return first;
  }

  take() {
    const request = this.#ready[this.#next++];
    if (!request) throw new Error('nothing is prepared');
    return request;
  }

  /**
   * Few large blocks instead of a hundred thousand small ones: the collector has nothing to do while the clock runs.
   * @param {string} head
   * @param {Buffer} body
   */
  #add(head, body) {
    const length = head.length + body.length;
    if (this.#used + length > this.#block.length) {
      this.#block = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, length));
      this.#used = 0;
    }
    const request = this.#block.subarray(this.#used, this.#used + length);
    request.write(head, 'latin1');
    body.copy(request, head.length);
    this.#used += length;
    this.#ready.push(request);
  }
}
