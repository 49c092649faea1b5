/** Clocks differ a little; a time further ahead than this is a mistake, and would keep the 24-hour window open. */
const AHEAD_AT_MOST_MS = 10 * 60_000;

/**
 * When an event happened, from whatever Meta put there: seconds, milliseconds or microseconds (told apart by
 * magnitude), as a number, a numeric string or an ISO string. Null when it says nothing usable.
 */
export function readTime(value: unknown): Date | null {
  const ms = typeof value === 'number' ? fromNumber(value) : typeof value === 'string' ? fromText(value) : null;
  return ms === null ? null : new Date(ms);
}

/** The first usable of `candidates`, but not from the future; else when it was received. */
export function occurredAt(candidates: readonly unknown[], receivedAt: Date): Date {
  for (const candidate of candidates) {
    const at = readTime(candidate);
    if (at) return at.getTime() > receivedAt.getTime() + AHEAD_AT_MOST_MS ? receivedAt : at;
  }
  return receivedAt;
}

function fromNumber(value: number): number | null {
  if (!(value > 0) || value >= 1e17) return null;
  const ms = value < 1e11 ? value * 1000 : value < 1e14 ? value : value / 1000;
  return Math.trunc(ms);
}

function fromText(text: string): number | null {
  if (/^\d{1,20}(\.\d{1,9})?$/.test(text)) return fromNumber(Number(text));
  if (!/^\d{4}-\d{2}-\d{2}T/.test(text) || text.length > 40) return null;
  const ms = Date.parse(text);
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}
