// @ts-check
import { median } from '../support/measure.mjs';

/** What comes before is warm-up: code is compiled and caches fill. */
const FROM = 0.2;
const WINDOWS = 10;

/**
 * Samples of the last four fifths in windows of a tenth of all deliveries.
 * @template {{ deliveries: number }} S
 * @param {readonly S[]} samples
 * @param {number} deliveries
 */
export function windowsOf(samples, deliveries) {
  const windows = Array.from({ length: WINDOWS }, (_, nth) => samples.filter((sample) =>
    sample.deliveries > (nth * deliveries) / WINDOWS && sample.deliveries <= ((nth + 1) * deliveries) / WINDOWS));
  return windows.slice(WINDOWS * FROM).filter((window) => window.length > 0);
}

/**
 * How flat a figure is: each window's median beside the median of all of them.
 * @param {readonly (readonly number[])[]} windows
 */
export function flatness(windows) {
  const medians = windows.map((window) => median(window));
  const middle = median(medians);
  return {
    middle,
    farthest: Math.max(...medians.map((value) => Math.abs(value - middle) / middle)),
    growth: (medians.at(-1) ?? NaN) / (medians[0] ?? NaN),
    medians,
  };
}
