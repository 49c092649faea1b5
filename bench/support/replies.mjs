// @ts-check

/** @typedef {import('./accounts.mjs').BenchAccount} BenchAccount */

/**
 * What the Graph side expects: replies to the messages `first` to `first + count - 1`, of people who are shared out among accounts.
 * @typedef {{ accounts: readonly BenchAccount[], people: number, first: number, count: number }} Expected
 */

/**
 * @typedef {object} Replies
 * @property {number} calls
 * @property {number} answered different messages that have been replied to
 * @property {number} again replies to a message that had one already
 * @property {number} unexpected replies to messages nobody asked about
 * @property {string[]} wrong replies with another shop's token or to another person: the first few
 * @property {number} wrongCount
 * @property {number} lastAt when the last one came (Date.now())
 */

const SHOWN = 5;

/** Judges every reply: is it the person's own, and is the token his shop's? */
export class ReplyBook {
  /** @type {Expected} */
  #expected = { accounts: [], people: 1, first: 0, count: 0 };
  #had = new Uint8Array(0);
  /** @type {Map<string, BenchAccount>} */
  #byToken = new Map();
  /** @type {Replies} */
  #replies = nothing();

  /** @param {Expected} expected */
  expect(expected) {
    this.#expected = expected;
    this.#had = new Uint8Array(expected.count);
    this.#byToken = new Map(expected.accounts.map((account) => [account.accessToken, account]));
    this.#replies = nothing();
  }

  /**
   * @param {{ token: string | null, path: string, recipient: unknown, text: unknown }} send `path`: the account's id, or `me`
   * @returns {boolean} whether the token is anybody's
   */
  take({ token, path, recipient, text }) {
    const { accounts, people, first, count } = this.#expected;
    const sender = this.#byToken.get(token ?? '');
    if (!sender) return false;
    const replies = this.#replies;
    replies.calls += 1;
    replies.lastAt = Date.now();
    const person = Number(String(recipient).slice(1));
    const nth = Number(/\((\d+)\)\s*$/.exec(String(text))?.[1]);
    const owner = accounts[person % accounts.length];
    if (owner !== sender || (path !== 'me' && path !== sender.id) || nth % people !== person) {
      replies.wrongCount += 1;
      if (replies.wrong.length < SHOWN) replies.wrong.push(`to ${String(recipient)} as ${sender.id} at /${path}: ${String(text)}`);
      return true;
    }
    const at = nth - first;
    if (!(at >= 0 && at < count)) replies.unexpected += 1;
    else if (this.#had[at] === 1) replies.again += 1;
    else {
      this.#had[at] = 1;
      replies.answered += 1;
    }
    return true;
  }

  look() {
    return this.#replies;
  }
}

/** @returns {Replies} */
function nothing() {
  return { calls: 0, answered: 0, again: 0, unexpected: 0, wrong: [], wrongCount: 0, lastAt: 0 };
}
