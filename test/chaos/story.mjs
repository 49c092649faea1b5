// @ts-check
import { wordsOf } from './words.mjs';

/** @typedef {import('./load.mjs').Talk} Talk */
/** @typedef {import('./verdict.mjs').Shown} Shown */
/** @typedef {import('./database.mjs').Step} Step */
/** @typedef {import('../../src/local-meta/index.js').RecordedSend} RecordedSend */

/**
 * What happened in a conversation, by the clock: what was written, what Meta was asked to send, every step of every reply.
 * @param {{ talk: Talk, sends: readonly RecordedSend[], shown: readonly Shown[], journal: readonly Step[], kills: readonly Date[] }} told
 */
export function tellStory({ talk, sends, shown, journal, kills }) {
  const own = new Map(shown.map((message) => [message.id, message]));
  /** @type {{ at: number, line: string }[]} */
  const lines = [
    ...talk.written.map(({ at, text, mid }) => ({ at: at.getTime(), line: `written "${text}" ${short(mid)}` })),
    ...sends.map(({ at, body, mid, status, code }) => ({
      at: at.getTime(),
      line: `Meta ${mid === null ? 'refused' : `accepted ${short(mid)}`} "${wordsOf(body)}", answered ${String(status ?? 'nothing')}${code === null ? '' : ` (${String(code)})`}`,
    })),
    ...journal
      .filter(({ messageId }) => own.has(messageId))
      .map(({ at, messageId, before, after, attempts }) => ({
        at,
        line: `reply ${messageId} ${before === null ? '' : `${before} → `}${after}, attempt ${String(attempts)}`,
      })),
  ];
  const first = Math.min(...lines.map(({ at }) => at));
  const last = Math.max(...lines.map(({ at }) => at));
  lines.push(...kills.map((kill) => ({ at: kill.getTime(), line: 'kill -9' })).filter(({ at }) => at >= first && at <= last));
  return [
    ...lines.toSorted((a, b) => a.at - b.at).map(({ at, line }) => `${new Date(at).toISOString().slice(11, 23)} ${line}`),
    ...shown.map(({ id, direction, text, externalId, status, ruleId, error }) =>
      `stands: ${direction} ${id} ${status} "${String(text)}" ${short(externalId ?? '-')}${ruleId === null && direction === 'outbound' ? ', as typed by a person' : ''}${error === null ? '' : `, ${error}`}`),
  ];
}

/** Mids begin alike. @param {string} mid */
function short(mid) {
  return mid.length > 14 ? `…${mid.slice(-14)}` : mid;
}
