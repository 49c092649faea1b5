// @ts-check
const { default: Sequencer } = require('@jest/test-sequencer');
const { readFileSync } = require('node:fs');

/** What each test of a suite may take at most stands behind it: `}, 120_000);`. Or it is said once for all of them, or for those that run together. */
const OWN_TIMEOUT = /^\s*\}, (\d[\d_]{3,})\);$/gm;
const OF_ALL = /^jest\.setTimeout\(([\d_]+)\);$/m;
const TOGETHER = /\btogether\(([\d_]+)\);$/gm;
/** Behind all others: none takes as long as the shortest end-to-end suite. */
const UNIT = -1;

/**
 * Jest begins with the suites that took longest the last time. In a fresh clone it does not know, and goes by the size of the
 * files: a suite of minutes would begin last, and run alone. So there the suites that give their tests the most time come
 * first, and the units fill the gaps at the end.
 */
module.exports = class LongestFirst extends Sequencer {
  /**
   * @override
   * @param {import('@jest/test-result').Test[]} tests
   */
  async sort(tests) {
    const sorted = await super.sort(tests);
    if (sorted.every(({ duration }) => duration !== undefined)) return sorted;
    const weights = new Map(sorted.map((test) => [test, weightOf(test)]));
    return sorted.toSorted((a, b) => (weights.get(b) ?? 0) - (weights.get(a) ?? 0));
  }
};

/** @param {import('@jest/test-result').Test} test */
function weightOf({ path }) {
  if (!path.endsWith('.e2e-spec.ts')) return UNIT;
  const text = readFileSync(path, 'utf8');
  const own = [...text.matchAll(OWN_TIMEOUT), ...text.matchAll(TOGETHER)].reduce((sum, [, ms]) => sum + numberOf(ms), 0);
  return Math.max(own, numberOf(OF_ALL.exec(text)?.[1]));
}

/** @param {string | undefined} text as it is written in code */
function numberOf(text = '0') {
  return Number(text.replaceAll('_', ''));
}
