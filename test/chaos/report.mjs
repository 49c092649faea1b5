// @ts-check

/** @typedef {import('./verdict.mjs').Problem} Problem */
/** @typedef {import('./database.mjs').Step} Step */

const SHOWN = 30;
const STORIES = 5;

/** @param {string} line */
export function say(line) {
  process.stdout.write(`${line}\n`);
}

/**
 * What the journal of the outbox tells.
 * @param {readonly Step[]} journal
 */
export function countSteps(journal) {
  const uncertain = new Set();
  let resent = 0;
  let retried = 0;
  let longest = 0;
  /** @type {Map<string, number>} */
  const since = new Map();
  for (const { messageId, before, after, at } of journal) {
    if (after === 'uncertain') {
      uncertain.add(messageId);
      since.set(messageId, at);
    }
    if (before === 'uncertain') {
      longest = Math.max(longest, at - (since.get(messageId) ?? at));
      if (after === 'queued') resent++;
    }
    if (before === 'sending' && after === 'queued') retried++;
  }
  return { uncertain: uncertain.size, resent, retried, longestUncertainMs: longest };
}

/** @param {Record<string, string | number>} figures */
export function printFigures(figures) {
  const width = Math.max(...Object.keys(figures).map((name) => name.length));
  for (const [name, figure] of Object.entries(figures)) say(`  ${name.padEnd(width)}  ${String(figure)}`);
}

/**
 * With the story of the first conversations concerned: enough to find the cause without running again.
 * @param {readonly Problem[]} problems
 * @param {(conversation: string) => string[]} story
 */
export function printProblems(problems, story) {
  for (const { kind, conversation, ids, what } of problems.slice(0, SHOWN)) {
    say(`✗ ${kind} in ${conversation}: ${what}\n    ${ids.join('\n    ')}`);
  }
  if (problems.length > SHOWN) say(`… and ${String(problems.length - SHOWN)} more`);
  for (const conversation of [...new Set(problems.map((problem) => problem.conversation))].slice(0, STORIES)) {
    say(`\n${conversation}`);
    for (const line of story(conversation)) say(`  ${line}`);
  }
}
