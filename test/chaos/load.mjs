// @ts-check
import { setTimeout as delay } from 'node:timers/promises';
import { deliveryOf, entryOf, newIgsid, newMid, textEvent } from './built.mjs';
import { writeSomething } from './words.mjs';

/** @typedef {import('./random.mjs').Random} Random */
/** @typedef {import('../../src/local-meta/index.js').LocalMeta} LocalMeta */
/** @typedef {import('../../src/local-meta/index.js').Posted} Posted */
/** @typedef {{ id: string }} Account */
/** @typedef {{ mid: string, text: string, replies: readonly string[], at: Date, acknowledged: boolean }} Written */
/** @typedef {{ accountId: string, person: string, written: Written[] }} Talk */

const KEPT_FOR_REDELIVERY = 300;

/** People who write to the accounts, one message after the other, each delivered until it is answered 200. */
export class Load {
  #meta;
  #accounts;
  #random;
  #ending = false;
  #orders = 0;
  /** @type {Posted[]} */
  #recent = [];
  /** @type {Set<Promise<unknown>>} */
  #under = new Set();
  /** @type {Talk[]} */
  talks = [];
  redelivered = 0;
  /** Nobody was there to answer, or he died over it. */
  unanswered = 0;

  /**
   * @param {{ meta: LocalMeta, accounts: readonly Account[], random: Random }} options
   */
  constructor({ meta, accounts, random }) {
    this.#meta = meta;
    this.#accounts = accounts;
    this.#random = random;
  }

  /** @param {number} conversations how many go on at the same time */
  start(conversations) {
    for (let slot = 0; slot < conversations; slot++) this.#track(this.#keepTalking(this.#random.fork(`slot ${String(slot)}`)));
  }

  /** Begins nothing more, and resolves when everything written is acknowledged. */
  async stop() {
    this.#ending = true;
    while (this.#under.size > 0) await Promise.all(this.#under);
  }

  /** @param {Random} random */
  async #keepTalking(random) {
    await delay(random.between(0, 1500));
    while (!this.#ending) {
      /** @type {Talk} */
      const talk = { accountId: random.pick(this.#accounts).id, person: newIgsid(), written: [] };
      this.talks.push(talk);
      for (let burst = random.int(1, 6); burst > 0 && !this.#ending; burst--) {
        await this.#burst(talk, random);
        await delay(random.between(50, 1800));
      }
    }
  }

  /**
   * Several messages in a row, in one delivery or in one each.
   * @param {Talk} talk
   * @param {Random} random
   */
  async #burst(talk, random) {
    const written = Array.from({ length: random.int(1, 4) }, () => this.#write(talk, random));
    talk.written.push(...written);
    const deliveries = random.chance(0.5) ? [written] : written.map((one) => [one]);
    for (const messages of deliveries) {
      const items = messages.map(({ mid, text, at }) => textEvent({ accountId: talk.accountId, person: talk.person, mid, at }, text));
      const body = deliveryOf(entryOf(talk.accountId, items));
      const deliver = () => this.#untilAccepted(talk.accountId, body, random);
      // Now and then twice at the same moment: the second may overtake the first.
      const [posted] = await Promise.all(random.chance(0.05) ? [deliver(), deliver()] : [deliver()]);
      for (const message of messages) message.acknowledged = true;
      this.#remember(posted);
      if (random.chance(0.08)) this.#track(this.#redeliver(random));
    }
  }

  /**
   * @param {Talk} talk
   * @param {Random} random
   * @returns {Written}
   */
  #write(talk, random) {
    // Meta's clock does not run backwards within a conversation; two messages of the same millisecond do occur.
    const last = talk.written.at(-1)?.at.getTime() ?? 0;
    const at = new Date(Math.max(Date.now(), last));
    return { mid: newMid(), ...writeSomething(random, ++this.#orders), at, acknowledged: false };
  }

  /**
   * @param {string} accountId
   * @param {unknown} body
   * @param {Random} random
   */
  async #untilAccepted(accountId, body, random) {
    for (;;) {
      try {
        const posted = await this.#meta.deliver(accountId, body);
        if (posted.status === 200) return posted;
        if (posted.status < 500) throw new WrongAnswer(`A signed delivery was answered ${String(posted.status)} ${posted.text}`);
      } catch (error) {
        if (error instanceof WrongAnswer) throw error;
        this.unanswered++;
      }
      await delay(random.between(150, 1200));
    }
  }

  /**
   * Meta was not sure of an earlier 200.
   * @param {Random} random
   */
  async #redeliver(random) {
    const posted = random.pick(this.#recent);
    await delay(random.between(0, 3000));
    this.redelivered++;
    await this.#meta.redeliver(posted).catch(() => undefined);
  }

  /** @param {Posted} posted */
  #remember(posted) {
    this.#recent.push(posted);
    if (this.#recent.length > KEPT_FOR_REDELIVERY) this.#recent.shift();
  }

  /** @param {Promise<unknown>} work */
  #track(work) {
    const tracked = work.finally(() => this.#under.delete(tracked));
    this.#under.add(tracked);
    // Whoever waits for it sees the failure; nobody may be waiting yet.
    tracked.catch(() => undefined);
  }
}

class WrongAnswer extends Error {}
