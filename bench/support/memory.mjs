// @ts-check
import { residentBytes } from './proc.mjs';

const EVERY_MS = 200;

/** Watches how much memory a process holds. @param {number | undefined} pid */
export function watchMemory(pid) {
  let peak = residentBytes(pid);
  /** @type {number[]} */
  let samples = [];
  const timer = setInterval(() => {
    const now = residentBytes(pid);
    if (Number.isNaN(now)) return;
    samples.push(now);
    if (!(now <= peak)) peak = now;
  }, EVERY_MS);
  return {
    get peak() {
      return peak;
    },
    /** What was seen since the last call. */
    take() {
      const taken = samples;
      samples = [];
      return taken;
    },
    stop: () => clearInterval(timer),
  };
}

/** @param {number} bytes */
export const mib = (bytes) => bytes / 1024 / 1024;

/**
 * One gauge or counter of /metrics, all its series added up.
 * @param {{ url: string, adminKey: string }} service
 * @param {string} name
 */
export async function metric({ url, adminKey }, name) {
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${adminKey}` } });
  const lines = (await answer.text()).split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/**
 * A counter of /metrics by one label.
 * @param {{ url: string, adminKey: string }} service
 * @param {string} name
 * @param {string} label
 */
export async function metricBy({ url, adminKey }, name, label) {
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${adminKey}` } });
  const found = [...(await answer.text()).matchAll(new RegExp(`^${name}\\{${label}="(\\w+)"\\} (\\d+)$`, 'gm'))];
  return Object.fromEntries(found.map((match) => [String(match[1]), Number(match[2])]));
}
