// @ts-check
import { SENTENCES } from '../support/sentences.mjs';

/** @typedef {import('../../src/rules/engine/compiled-rule.js').RuleDefinition} RuleDefinition */
/** @typedef {'early' | 'late' | 'miss' | 'random'} TextKind */

/** @type {readonly TextKind[]} */
export const TEXT_KINDS = ['early', 'late', 'miss', 'random'];

const SHOP = ('order price size red blue dress shoes shipping delivery return refund code discount open hours today store where ' +
  'when how much track number address gift card new old sale black white small large summer winter kids').split(' ');
const SYLLABLES = ['qu', 'ra', 'sol', 'tem', 'vi', 'lo', 'mu', 'ne', 'ka', 'di'];

/** A word of no language, another one for each number: what makes the rules of a large set differ. */
function nameOf(/** @type {number} */ number) {
  return [...String(number).padStart(4, '0')].map((digit) => SYLLABLES[Number(digit)]).join('');
}

/** The same numbers for the same seed. */
export function randomness(/** @type {number} */ seed) {
  let state = seed >>> 0;
  return (/** @type {number} */ below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** @template T @param {(below: number) => number} random @param {readonly T[]} list */
const oneOf = (random, list) => /** @type {T} */ (list[random(list.length)]);

/**
 * Keyword rules as a shop has them, of one to three words that often begin alike, and patterns spread evenly among them.
 * The rule that `early` texts hit is the second, the one that `late` texts hit is the last but one.
 * @param {number} count
 * @param {number} patterns
 * @param {boolean} worst patterns of which nothing can be told beforehand
 * @returns {RuleDefinition[]}
 */
export function rulesOf(count, patterns, worst) {
  const every = patterns === 0 ? Infinity : count / patterns;
  return Array.from({ length: count }, (_, index) => {
    const isHit = index === 1 || index === count - 2;
    // With ten patterns among ten rules, the two that are hit are patterns as well.
    const isPattern = patterns === count || (!isHit && Math.floor((index + 1) / every) > Math.floor(index / every));
    const value = isPattern ? (isHit ? phraseOf(index) : worst ? worstPattern(index) : patternOf(index)) : phraseOf(index);
    return {
      id: index + 1, priority: 100, triggerType: isPattern ? 'regex' : 'contains', triggerValue: value,
      responseTemplate: 'Hi {{ username }}, about {{ match }}: we will look into it.', cooldownSeconds: 0,
      quickReplies: null, buttons: null, media: null, typingSeconds: null,
    };
  });
}

/** @param {number} index */
export function phraseOf(index) {
  const [shop, name] = [SHOP[index % SHOP.length] ?? '', nameOf(index)];
  return [name, `${shop} ${name}`, `${shop} ${SHOP[(index * 7) % SHOP.length] ?? ''} ${name}`][index % 3] ?? name;
}

/** @param {number} index */
function patternOf(index) {
  const [shop, name] = [SHOP[index % SHOP.length] ?? '', nameOf(index)];
  const forms = [
    `${name}\\s*#?(\\d+)`, `\\b(${name}|${name}s)\\b`, `^${shop} ${name}`, `(where|when).*${name}`, `${shop}[- ]?${name}`,
    `\\b\\d{${String(4 + (index % 4))}}-${String(index)}\\b`, `[\\w.]+@${name}\\.com`, `(?:my|the) ${name} (?P<what>\\w+)`,
  ];
  return forms[Math.floor(index / 7) % forms.length] ?? name;
}

/** @param {number} index */
function worstPattern(index) {
  const number = index % 89;
  const forms = [`^\\w{${String(41 + number)}}$`, `[A-Fx]\\w[qj]${'\\w'.repeat(number % 9)}[vw]{20}`, `\\b[a-f]{9}[g-z]{${String(12 + (number % 20))}}\\b`, `^.{${String(300 + number)}}$`];
  return forms[Math.floor(index / 7) % forms.length] ?? '.';
}

/**
 * A text nobody has written before.
 * @param {TextKind} kind
 * @param {number} count of rules
 * @param {(below: number) => number} random
 */
export function textOf(kind, count, random) {
  if (kind === 'random') return Array.from({ length: 4 + random(10) }, () => random(2 ** 31).toString(36).slice(random(4))).join(' ');
  const words = Array.from({ length: 3 + random(6) }, () => (random(6) === 0 ? random(100_000).toString(36) : oneOf(random, SHOP)));
  if (kind === 'early') words.splice(random(words.length), 0, phraseOf(1));
  if (kind === 'late') words.splice(random(words.length), 0, phraseOf(count - 2));
  return random(3) === 0 ? `${oneOf(random, SENTENCES)} ${words.join(' ')}` : words.join(' ');
}

/**
 * The id of the rule that must answer.
 * @param {TextKind} kind
 * @param {number} count
 */
export function expectedRule(kind, count) {
  return kind === 'early' ? 2 : kind === 'late' ? count - 1 : null;
}
