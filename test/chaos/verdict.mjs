// @ts-check

/** @typedef {import('./load.mjs').Talk} Talk */
/**
 * What Meta accepted, in the order in which it did.
 * @typedef {{ mid: string, text: string }} Accepted
 */
/**
 * A message as the service shows it.
 * @typedef {{ id: string, direction: 'inbound' | 'outbound', text: string | null, externalId: string | null, ruleId: number | null, status: string, error: string | null }} Shown
 */
/**
 * @typedef {'lost' | 'duplicate' | 'order' | 'record' | 'unacknowledged'} Wrong
 * @typedef {{ kind: Wrong, conversation: string, ids: string[], what: string }} Problem
 */

/**
 * What is wrong with one conversation; nothing: every message of it was answered once, in order, and stands so in the
 * service's records. Pure.
 * @param {Talk} talk
 * @param {readonly Accepted[]} accepted
 * @param {readonly Shown[]} shown in the conversation's order
 * @returns {{ answered: number, problems: Problem[] }}
 */
export function judge(talk, accepted, shown) {
  /** @type {Problem[]} */
  const problems = [];
  /** @type {(kind: Wrong, ids: readonly (string | null)[], what: string) => void} */
  const report = (kind, ids, what) => {
    problems.push({ kind, conversation: `${talk.accountId}:${talk.person}`, ids: ids.map(String), what });
  };
  for (const { mid, acknowledged } of talk.written) if (!acknowledged) report('unacknowledged', [mid], 'never answered 200');

  const answered = compareReplies(talk, accepted, shown, report);
  compareOrder(talk, accepted, shown, answered === accepted.length && answered === talk.written.length, report);
  compareRecords(talk, accepted, shown, report);
  return { answered, problems };
}

/**
 * How many of each text went out, and how many should have.
 * @param {Talk} talk
 * @param {readonly Accepted[]} accepted
 * @param {readonly Shown[]} shown
 * @param {(kind: Wrong, ids: readonly (string | null)[], what: string) => void} report
 */
function compareReplies(talk, accepted, shown, report) {
  let answered = 0;
  const recorded = new Set(shown.map(({ externalId }) => externalId));
  for (const text of new Set([...talk.written.map(({ reply }) => reply), ...accepted.map((send) => send.text)])) {
    const wanted = talk.written.filter(({ reply }) => reply === text);
    const got = accepted.filter((send) => send.text === text);
    answered += Math.min(wanted.length, got.length);
    if (got.length > wanted.length) {
      // Equal texts cannot be told apart; the ones nobody recorded are the likely ones.
      const suspects = got.toSorted((a, b) => Number(recorded.has(a.mid)) - Number(recorded.has(b.mid)));
      for (const { mid } of suspects.slice(0, got.length - wanted.length)) report('duplicate', [mid], `"${text}" went out again`);
    }
    if (got.length < wanted.length) {
      const unsent = shown.filter((message) => message.direction === 'outbound' && message.text === text && message.status !== 'sent');
      for (let missing = wanted.length - got.length, nth = 0; nth < missing; nth++) {
        const message = unsent[nth];
        const why = message ? `its reply ${message.id} stands as ${message.status}: ${String(message.error)}` : 'its reply is not recorded as failed';
        report('lost', [wanted.at(nth - missing)?.mid ?? null], `"${text}" did not go out; ${why}`);
      }
    }
  }
  return answered;
}

/**
 * @param {Talk} talk
 * @param {readonly Accepted[]} accepted
 * @param {readonly Shown[]} shown
 * @param {boolean} complete
 * @param {(kind: Wrong, ids: readonly (string | null)[], what: string) => void} report
 */
function compareOrder(talk, accepted, shown, complete, report) {
  const places = new Map(accepted.map(({ mid }, index) => [mid, index]));
  let latest = -1;
  for (const { externalId, id } of shown.filter((message) => message.direction === 'outbound')) {
    const place = places.get(externalId ?? '');
    if (place === undefined) continue;
    if (place < latest) report('order', [id, externalId], 'it went out before one that was queued earlier');
    latest = Math.max(latest, place);
  }
  if (!complete) return;
  talk.written.forEach(({ mid, reply }, index) => {
    const send = accepted[index];
    if (send?.text !== reply) report('order', [mid, send?.mid ?? null], `answer ${String(index + 1)} is "${String(send?.text)}", not "${reply}"`);
  });
}

/**
 * @param {Talk} talk
 * @param {readonly Accepted[]} accepted
 * @param {readonly Shown[]} shown
 * @param {(kind: Wrong, ids: readonly (string | null)[], what: string) => void} report
 */
function compareRecords(talk, accepted, shown, report) {
  const inbound = shown.filter((message) => message.direction === 'inbound').map(({ externalId }) => externalId);
  if (inbound.join() !== talk.written.map(({ mid }) => mid).join()) {
    report('record', inbound, `${String(inbound.length)} inbound messages are recorded, ${String(talk.written.length)} were written, or in another order`);
  }
  const outbound = shown.filter((message) => message.direction === 'outbound');
  const known = new Set(accepted.map(({ mid }) => mid));
  for (const message of outbound) {
    const { id, status, ruleId, externalId, error } = message;
    if (ruleId === null) report('record', [id, externalId], 'an echo of our own was taken for a message typed by a person');
    else if (status !== 'sent') report('record', [id], `it stands as ${status}: ${String(error)}`);
    else if (!known.delete(externalId ?? '')) report('record', [id, externalId], 'it stands as sent, with a mid that is not its own');
  }
  for (const mid of known) report('record', [mid], 'Meta accepted it, and no message stands for it');
}
