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
/** @typedef {{ mid: string, text: string }} Wanted a reply, and the message it answers */
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
 * @returns {{ answered: number, problems: Problem[] }} how many of its messages were answered in full
 */
export function judge(talk, accepted, shown) {
  /** @type {Problem[]} */
  const problems = [];
  /** @type {(kind: Wrong, ids: readonly (string | null)[], what: string) => void} */
  const report = (kind, ids, what) => {
    problems.push({ kind, conversation: `${talk.accountId}:${talk.person}`, ids: ids.map(String), what });
  };
  for (const { mid, acknowledged } of talk.written) if (!acknowledged) report('unacknowledged', [mid], 'never answered 200');

  const wanted = talk.written.flatMap(({ mid, replies }) => replies.map((text) => ({ mid, text })));
  const lost = compareReplies(wanted, accepted, shown, report);
  compareOrder(wanted, accepted, shown, report);
  compareRecords(talk, accepted, shown, report);
  return { answered: talk.written.length - lost.size, problems };
}

/**
 * How many of each text went out, and how many should have.
 * @param {readonly Wanted[]} wanted
 * @param {readonly Accepted[]} accepted
 * @param {readonly Shown[]} shown
 * @param {(kind: Wrong, ids: readonly (string | null)[], what: string) => void} report
 * @returns {Set<string>} the messages that were not answered in full
 */
function compareReplies(wanted, accepted, shown, report) {
  /** @type {Set<string>} */
  const lost = new Set();
  const recorded = new Set(shown.map(({ externalId }) => externalId));
  const unsent = shown.filter(({ direction, status }) => direction === 'outbound' && status !== 'sent');
  for (const text of new Set([...wanted, ...accepted].map((one) => one.text))) {
    const due = wanted.filter((one) => one.text === text);
    const got = accepted.filter((one) => one.text === text);
    if (got.length > due.length) {
      // Equal texts cannot be told apart; the ones nobody recorded are the likely ones.
      const suspects = got.toSorted((a, b) => Number(recorded.has(a.mid)) - Number(recorded.has(b.mid)));
      for (const { mid } of suspects.slice(0, got.length - due.length)) report('duplicate', [mid], `"${short(text)}" went out again`);
    }
    for (const { mid } of due.slice(got.length)) {
      const message = unsent.find((one) => one.text === text) ?? unsent[0];
      const why = message ? `reply ${message.id} stands as ${message.status}: ${String(message.error)}` : 'no reply stands as unsent';
      lost.add(mid);
      report('lost', [mid], `"${short(text)}" did not go out; ${why}`);
    }
  }
  return lost;
}

/**
 * @param {readonly Wanted[]} wanted
 * @param {readonly Accepted[]} accepted
 * @param {readonly Shown[]} shown
 * @param {(kind: Wrong, ids: readonly (string | null)[], what: string) => void} report
 */
function compareOrder(wanted, accepted, shown, report) {
  const places = new Map(accepted.map(({ mid }, index) => [mid, index]));
  let latest = -1;
  for (const { externalId, id } of shown.filter((message) => message.direction === 'outbound')) {
    const place = places.get(externalId ?? '');
    if (place === undefined) continue;
    if (place < latest) report('order', [id, externalId], 'it went out before one that was queued earlier');
    latest = Math.max(latest, place);
  }
  const texts = (/** @type {readonly { text: string }[]} */ list) => list.map((one) => one.text).toSorted().join('\n');
  if (texts(wanted) !== texts(accepted)) return; // with something lost or doubled all places are shifted
  wanted.forEach(({ mid, text }, index) => {
    const send = accepted[index];
    if (send && send.text !== text) report('order', [mid, send.mid], `answer ${String(index + 1)} is "${short(send.text)}", not "${short(text)}"`);
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

/** @param {string} text */
function short(text) {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
