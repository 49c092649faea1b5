import { table } from './table.mjs';

export function say(text) {
  process.stdout.write(`${text}\n`);
}

/**
 * Until nothing is left to do: every event applied, every reply out, every echo back and applied.
 * @returns all messages of the accounts, and a fingerprint of everything that was applied
 */
export async function settled(service, meta, deliveries) {
  const accounts = [...new Set(deliveries.map((delivery) => delivery.account))];
  const expected = expectedEvents(deliveries);
  return await service.until('every message is answered', async () => {
    await meta.settled();
    const events = [];
    const messages = [];
    for (const { id } of accounts) {
      events.push(...(await service.all(`/accounts/${id}/events`)));
      for (const conversation of await service.all(`/accounts/${id}/conversations`)) {
        messages.push(
          ...(await service.all(`/accounts/${id}/conversations/${encodeURIComponent(conversation.id)}/messages`)),
        );
      }
    }
    // Beside what Meta delivered, each reply's own echo comes in.
    const arrived = events.length >= expected.events + expected.replies;
    const applied = events.every(({ status }) => status === 'processed' || status === 'ignored');
    const sent = messages.every(({ direction, status }) => direction === 'inbound' || status === 'sent');
    const counted = messages.filter(({ ruleId }) => ruleId !== null).length >= expected.replies;
    if (!(arrived && applied && sent && counted)) return null;
    const fingerprint = [
      ...events.map(({ id, status }) => `${id} ${status}`),
      ...messages.map(({ id, status }) => `${id} ${status}`),
    ];
    return { events, messages, fingerprint: fingerprint.sort().join('\n') };
  });
}

export function showMessages(checks, deliveries, { events, messages }, meta) {
  const told = deliveries.flatMap(({ entries }) => entries.flat());
  const rows = told.map((message, index) => {
    const { reply, rule, token } = outcomeOf(checks, message, messages, meta);
    checkKind(checks, message, messages, events);
    return [index + 1, message.account.username, message.kind, textOf(message.item), rule, reply, token];
  });
  say(table(['#', 'account', 'delivered', 'message', 'rule', 'reply', 'token used'], rows));
  showReasons(checks, told, events);
  const expected = expectedEvents(deliveries);
  checks.that('there are as many messages as were written', messages.length === expected.messages, messages.length);
  checks.that(
    'as many replies went out as rules matched',
    meta.accepted.length === expected.replies,
    meta.accepted.length,
  );
  checks.that(
    'no call carried a token in its address',
    meta.calls.every((call) => !call.tokenInUrl),
  );
}

/** Why something was not answered, as its event says. */
function showReasons(checks, told, events) {
  say('\nNot answered, and why (from `decision` of each event):');
  for (const message of told.filter(({ rule }) => rule === null)) {
    const event = events.find(({ payload }) => JSON.stringify(payload).includes(markOf(message)));
    const why = event?.decision?.stopped ?? 'nothing';
    say(`  ${told.indexOf(message) + 1}  ${message.kind}: ${why}`);
    checks.that(`"${message.kind}" says why it is not answered`, message.why.test(why), why);
  }
}

/** What only this message's event has in it. */
function markOf({ ignored, mid, person }) {
  return ignored ? person : mid;
}

/** The reply to a message: by what Meta got, by whose token, and as the API tells it. */
function outcomeOf(checks, message, messages, meta) {
  const { account, person, kind } = message;
  const replies = meta.accepted.filter((send) => send.recipientId === person && send.accountId === account.id);
  if (message.rule === null) {
    checks.that(
      `"${kind}" is not answered`,
      replies.length === 0,
      replies.map(({ text }) => text),
    );
    return {
      rule: '–',
      reply: message.ignored ? '(kept, ignored)' : message.typedByOwner ? '(recorded, not answered)' : '(not answered)',
      token: '',
    };
  }
  const matching = replies.filter((send) => send.text === message.reply);
  checks.that(
    `"${kind}" is answered once, as its rule says`,
    matching.length === 1,
    replies.map(({ text }) => text).join(' | '),
  );
  const [send] = matching;
  if (message.isChange) {
    checks.that(`"${kind}" is answered in private, once for the comment`, send?.commentId === message.mid);
  }
  const recorded = messages.find(({ externalId }) => externalId === send?.mid && send !== undefined);
  const rule = account.ruleNames.get(recorded?.ruleId);
  checks.that(`"${kind}" is answered by the rule "${message.rule}"`, rule === message.rule, rule);
  const isOwn = send?.token === account.accessToken;
  checks.that(`"${kind}" is answered with ${account.username}'s own token`, isOwn);
  return {
    rule,
    reply: message.isChange ? `(in private) ${send?.text}` : send?.text,
    token: isOwn ? `its own ✓` : 'WRONG',
  };
}

function checkKind(checks, { kind, mid, ignored, typedByOwner }, messages, events) {
  if (ignored) {
    checks.that(
      `"${kind}" is kept as an ignored event`,
      events.some(({ status }) => status === 'ignored'),
    );
    return;
  }
  const found = messages.filter(({ externalId }) => externalId === mid);
  const direction = typedByOwner ? 'outbound' : 'inbound';
  checks.that(
    `"${kind}" is one ${direction} message`,
    found.length === 1 && found[0].direction === direction,
    found.length,
  );
}

function expectedEvents(deliveries) {
  const told = deliveries.flatMap(({ entries }) => entries.flat());
  const replies = told.filter(({ rule }) => rule !== null).length;
  return { events: told.length, replies, messages: told.filter(({ ignored }) => !ignored).length + replies };
}

function textOf({ message, postback, value }) {
  if (value) return `“${value.text}”`;
  if (postback) return `[${postback.title}]`;
  if (!message) return '(something new)';
  return message.text ?? `(${message.attachments?.map(({ type }) => type).join(', ')})`;
}
