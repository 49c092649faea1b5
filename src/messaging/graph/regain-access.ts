import { isRecord, listOf } from './graph-answer.js';

const MINUTE_MS = 60_000;

/** How long Graph asks to be left alone, or null when it does not say. */
export function regainAccessMs(headers: Readonly<Record<string, string>>): number | null {
  const waits = [...businessUseCase(headers['x-business-use-case-usage']), retryAfter(headers['retry-after'])];
  const longest = Math.max(0, ...waits);
  return longest > 0 ? longest : null;
}

/** `{"<id>": [{"estimated_time_to_regain_access": <minutes>, …}]}` */
function businessUseCase(text: string | undefined): number[] {
  if (text === undefined) return [];
  try {
    const usage: unknown = JSON.parse(text);
    if (!isRecord(usage)) return [];
    return Object.values(usage)
      .flatMap((uses) => listOf(uses))
      .map((use) => (isRecord(use) ? Number(use['estimated_time_to_regain_access']) * MINUTE_MS : 0))
      .filter((ms) => Number.isFinite(ms));
  } catch {
    return [];
  }
}

function retryAfter(text: string | undefined): number {
  const seconds = Number(text);
  return text !== undefined && Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}
