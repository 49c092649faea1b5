// @ts-check
import sequencer from '@jest/test-sequencer';

// Its types are those of its CommonJS build, where the default lies one deeper.
const TestSequencer = /** @type {typeof sequencer.default} */ (/** @type {unknown} */ (sequencer));

/** By what a run took; the others take a minute or less. */
const SLOWEST = ['instances', 'outcomes', 'kill', 'cli', 'dead-token', 'main-job'].map((name) => `/test/${name}.e2e-spec.ts`);

/** @typedef {Parameters<InstanceType<typeof TestSequencer>['sort']>[0]} Tests */

/**
 * Two workers share the suites: one that takes minutes and is begun last keeps the whole run waiting. A fresh checkout
 * knows nothing of how long each took, and would go by the sizes of the files.
 */
export default class SlowestFirst extends TestSequencer {
  /**
   * @override
   * @param {Tests} tests
   * @returns {Promise<Tests>}
   */
  async sort(tests) {
    const sorted = await super.sort(tests);
    const slow = SLOWEST.flatMap((name) => sorted.filter(({ path }) => path.endsWith(name)));
    return [...slow, ...sorted.filter((test) => !slow.includes(test))];
  }
}
