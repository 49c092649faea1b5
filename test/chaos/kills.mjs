// @ts-check
import { setTimeout as delay } from 'node:timers/promises';

/** @typedef {import('./random.mjs').Random} Random */
/** @typedef {import('./service.mjs').Service} Service */
/** @typedef {import('./faults.mjs').Faults} Faults */

/** A life lasts up to this, or, where starts take longer, up to a start: something must be under way when it ends. */
const LONGEST_LIFE_MS = 2_500;
/** Nothing may be due just then: the kill does not wait for a call for ever. */
const AIM_FOR_MS = 2_000;

/**
 * Kills the service (of several instances one at random) and starts it again, so often: at a random moment of its life, at a random moment of its start, or
 * just when Meta has accepted a message and the answer is still on its way. Ends with a service that runs.
 * @param {{ services: readonly Service[], faults: Faults, random: Random, kills: number, onKill: (made: number) => void }} options
 */
export async function killOften({ services, faults, random, kills, onKill }) {
  const counts = { running: 0, starting: 0, calling: 0 };
  let made = 0;
  const allReady = async () => void (await Promise.all(services.map((service) => service.ready())));
  /**
   * @param {Service} service
   * @param {keyof typeof counts} moment
   */
  const kill = async (service, moment) => {
    await service.kill();
    counts[moment]++;
    onKill(++made);
    service.spawn();
  };
  while (made < kills) {
    const began = Date.now();
    await allReady();
    const service = random.pick(services);
    await delay(random.next() * Math.max(LONGEST_LIFE_MS, Date.now() - began));
    if (random.chance(0.3)) {
      const accepted = faults.nextAccepted().then(() => /** @type {const} */ ('calling'));
      await kill(service, await Promise.race([accepted, delay(AIM_FOR_MS, /** @type {const} */ ('running'))]));
    } else {
      await kill(service, 'running');
    }
    while (made < kills && random.chance(0.15)) {
      await delay(random.between(0, 2_000));
      await kill(service, 'starting');
    }
  }
  await allReady();
  return counts;
}
