// @ts-check
import { createHmac } from 'node:crypto';
import { deliveryOf, entryOf, newMid, textEvent, wireBytes } from './built.mjs';
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
   * @param {number} count
   * @param {LoadPlan} plan
   */
  prepare(count, { accounts, people, texts = SENTENCES, path }) {
    this.#ready.splice(0, this.#next);
    this.#next = 0;
    for (let made = 0; made < count; made++) {
      const nth = this.#made++;
      const account = accounts[nth % accounts.length];
      if (!account) throw new Error('no accounts');
      // People are spread so that nobody writes twice in a row, and each writes to one account only.
      const person = `9${String(nth % people).padStart(15, '0')}`;
      const text = `${texts[nth % texts.length] ?? ''} (${String(nth)})`;
      const event = textEvent({ accountId: account.id, person, mid: newMid(), at: new Date() }, text);
      const body = wireBytes(deliveryOf(entryOf(account.id, [event])));
      const signature = createHmac('sha256', account.appSecret).update(body).digest('hex');
      this.#add(path ?? `/webhooks/instagram/${account.id}`, body, signature);
    }
  }

  take() {
    const request = this.#ready[this.#next++];
    if (!request) throw new Error('nothing is prepared');
    return request;
  }

  /**
   * Few large blocks instead of a hundred thousand small ones: the collector has nothing to do while the clock runs.
   * @param {string} path
   * @param {Buffer} body
   * @param {string} signature
   */
  #add(path, body, signature) {
    // What Meta sends, near enough.
    const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: facebookexternalua\r\nAccept: */*\r\n` +
      `Content-Type: application/json\r\nX-Hub-Signature: sha1=${signature.slice(0, 40)}\r\nX-Hub-Signature-256: sha256=${signature}\r\n` +
      `Content-Length: ${String(body.length)}\r\n\r\n`;
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
