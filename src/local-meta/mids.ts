import { randomToken } from '../crypto/index.js';

const MID_LENGTH = 164;
/** What recorded mids begin with: "ig_dm_item:1:IGMessageID:" in base64. */
const MID_PREFIX = 'aWdfZG1faXRlbToxOklHTWVzc2FnZUlEO';

/** A message id as Instagram makes them: 164 characters, base64-like, case-sensitive. */
export function newMid(): string {
  return (MID_PREFIX + randomToken(MID_LENGTH)).slice(0, MID_LENGTH);
}

/** Another mid that differs from this one in the case of a single letter: a case-blind comparison takes them for one. */
export function sameMidInOtherCase(mid: string): string {
  const at = mid.search(/[a-z](?=[^a-z]*$)/i);
  const letter = mid.charAt(at);
  const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
  return mid.slice(0, at) + other + mid.slice(at + 1);
}

let lastPerson = 0;

/** An Instagram-scoped id: 16 digits, beyond 2^53 more often than not, different at each call. */
export function newIgsid(): string {
  lastPerson += 1;
  return `9${String(Date.now() % 1e9).padStart(9, '0')}${String(lastPerson).padStart(6, '0')}`;
}
