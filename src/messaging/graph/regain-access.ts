import { isRecord, listOf } from './graph-answer.js';

const MINUTE_MS = 60_000;
/** The uses that concern messages; a limit on advertisements says nothing about them. */
const OURS = new Set(['instagram', 'messenger', 'pages']);

/** How long Graph asks to be left alone, or null when it does not say. */
export function regainAccessMs(headers: Readonly<Record<string, string>>): number | null {
  const waits = [...businessUseCase(headers['x-business-use-case-usage']), retryAfter(headers['retry-after'])];
  const longest = Math.max(0, ...waits);
  return longest > 0 ? longest : null;
}

/** Whether the app has used up what Graph allows it: `X-App-Usage` counts in per cent, and does not say until when. */
export function isAppUsedUp(headers: Readonly<Record<string, string>>): boolean {
  const usage = json(headers['x-app-usage']);
  return isRecord(usage) && ['call_count', 'total_time', 'total_cputime'].some((name) => Number(usage[name]) >= 100);
}

/** `{"<id>": [{"type": "messenger", "estimated_time_to_regain_access": <minutes>, …}]}` */
function businessUseCase(text: string | undefined): number[] {
  const usage = json(text);
  if (!isRecord(usage)) return [];
  return Object.values(usage)
    .flatMap((uses) => listOf(uses))
    .filter(isRecord)
    .filter(({ type }) => typeof type !== 'string' || OURS.has(type.toLowerCase()))
    .map((use) => Number(use['estimated_time_to_regain_access']) * MINUTE_MS)
    .filter((ms) => Number.isFinite(ms));
}

/** Seconds, or a date. */
function retryAfter(text: string | undefined): number {
  if (text === undefined) return 0;
  const seconds = Number(text);
  const ms = Number.isNaN(seconds) ? Date.parse(text) - Date.now() : seconds * 1000;
  return Number.isFinite(ms) && ms > 0 ? ms : 0;
}

function json(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
