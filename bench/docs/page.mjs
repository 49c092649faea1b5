// @ts-check
// docs/performance.md as text: what it holds of each result, so that one can be drawn anew without the others.

/**
 * @typedef {object} Section
 * @property {string} name of the result
 * @property {string} measured ISO time
 * @property {string} text
 * @property {readonly string[]} goals rows of the table
 */

const PARTS = ['goals', 'results'];
const NOTHING = 'Nothing has been measured yet.';
const GOALS = ['| | goal | measured in |', '| --- | --- | --- |'];
const SECTION = /<!-- result (\S+), measured (\S+) -->\n([\s\S]*?)<!-- end of result \1 -->/g;

/** What a goal's row ends with. @param {string} name */
const linkTo = (name) => `[${name}](#${name})`;

/**
 * @param {string} page
 * @returns {Section[]}
 */
export function readSections(page) {
  const rows = partOf(page, 'goals').split('\n');
  return [...partOf(page, 'results').matchAll(SECTION)].map(([, name = '', measured = '', text = '']) => ({
    name, measured, text: text.trim(), goals: rows.filter((row) => row.endsWith(`| ${linkTo(name)} |`)),
  }));
}

/**
 * The newer of two about the same result stands; what only one of them has stays.
 * @param {readonly Section[]} standing
 * @param {readonly Section[]} given
 */
export function newest(standing, given) {
  const sections = new Map(standing.map((section) => [section.name, section]));
  for (const section of given) {
    const other = sections.get(section.name);
    if (!other || Date.parse(other.measured) <= Date.parse(section.measured)) sections.set(section.name, section);
  }
  return [...sections.values()];
}

/**
 * @param {string} page
 * @param {readonly Section[]} sections in their order
 */
export function writeSections(page, sections) {
  const goals = sections.flatMap((section) => section.goals);
  const results = sections.map(({ name, measured, text }) => `<!-- result ${name}, measured ${measured} -->\n\n${text}\n\n<!-- end of result ${name} -->`);
  const texts = [goals.length === 0 ? NOTHING : [...GOALS, ...goals].join('\n'), results.length === 0 ? NOTHING : results.join('\n\n')];
  return PARTS.reduce((written, part, nth) => {
    const [from, to] = placeOf(written, part);
    return `${written.slice(0, from)}\n\n${texts[nth] ?? ''}\n\n${written.slice(to)}`;
  }, page);
}

/**
 * @param {string} name
 * @param {import('../support/report.mjs').Goal} goal
 */
export function goalRow(name, { text, reached }) {
  return `| ${reached ? 'reached' : '**missed**'} | ${cell(text)} | ${linkTo(name)} |`;
}

/** @param {string | number} text */
export function cell(text) {
  return String(text).replaceAll('|', '\\|');
}

/**
 * @param {string} page
 * @param {string} part
 */
function partOf(page, part) {
  return page.slice(...placeOf(page, part));
}

/**
 * @param {string} page
 * @param {string} part
 * @returns {[from: number, to: number]}
 */
function placeOf(page, part) {
  const [begin, end] = [`<!-- ${part}: drawn by npm run bench -->`, `<!-- end of ${part} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/performance.md lacks the line ${begin} or ${end}`);
  return [from + begin.length, to];
}
