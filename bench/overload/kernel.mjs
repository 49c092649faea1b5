// @ts-check
import { readFileSync } from 'node:fs';

/**
 * What the kernel did to connections, on the whole machine since it began.
 * @typedef {object} KernelCounts
 * @property {number} dropped a new connection found the queue of a listening socket full
 * @property {number} repeated SYNs sent once more since nobody answered, after 1, 3, 7, … seconds
 */

/** All 0 where the kernel is not Linux. @returns {KernelCounts} */
export function kernelCounts() {
  const text = process.platform === 'linux' ? readFileSync('/proc/net/netstat', 'utf8') : '';
  const [names = [], values = []] = text.split('\n').filter((line) => line.startsWith('TcpExt:')).map((line) => line.split(' '));
  const of = (/** @type {string} */ name) => Number(values[names.indexOf(name)] ?? 0);
  return { dropped: of('ListenOverflows'), repeated: of('TCPSynRetrans') };
}

/**
 * @param {KernelCounts} before
 * @returns {KernelCounts}
 */
export function kernelCountsSince(before) {
  const now = kernelCounts();
  return { dropped: now.dropped - before.dropped, repeated: now.repeated - before.repeated };
}
