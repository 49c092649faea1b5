import fc from 'fast-check';

/** What a delivery's own words lead to: the reader looks at these, whatever stands in them. */
const KNOWN_KEYS = [
  'object', 'entry', 'id', 'time', 'messaging', 'standby', 'changes', 'changed_fields', 'field', 'value', 'sender', 'recipient',
  'timestamp', 'message', 'mid', 'text', 'attachments', 'type', 'payload', 'url', 'ig_post_media_id', 'quick_reply', 'reply_to', 'story',
  'referral', 'ref', 'ad_id', 'source', 'postback', 'title', 'reaction', 'action', 'emoji', 'read', 'message_edit', 'num_edit', 'optin',
  'pass_thread_control', 'is_echo', 'is_self', 'is_deleted', 'is_unsupported', 'from', 'username', 'self_ig_scoped_id', 'comment_id',
  'parent_id', 'media',
];
const UNHOLY_KEYS = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'toJSON', 'then', 'length', ''];
const KNOWN_VALUES = [
  'instagram', 'page', 'comments', 'live_comments', 'mentions', 'story_insights', 'messages', 'message_reactions', 'standby', 'react',
  'unreact', 'love', 'share', 'ig_post', 'story_mention', 'START', 'hello', 'stop',
];
/** Halves of characters, control characters, the ends of the planes, and text that means something elsewhere. */
const ODD_STRINGS = [
  '"\\ud83d"', '"\\udc00x"', '"\\ude00\\ud83d"', '"\\u0000"', '"a\\u0000b"', '"\\uffff\\ufffe"', '"\\ufeff"', '"\\u202e\\u2066"',
  '"\\udbff\\udfff"', '"\\u00e9e\\u0301"', '"\u{1F468}‍\u{1F469}‍\u{1F467}"', '"   "', '"\\"\\\\\\/\\b\\f\\n\\r\\t"',
  '"\'; DROP TABLE messages; --"', '"{{ 1 | times: 2 }}"', '"%s%n%x"', '"${x}"', '"\\u003cscript\\u003e"', '"NaN"', '"null"', '"-1"', '"1e5"',
  '"2026-99-99T99:99:99Z"', '"0000000000000000000"', '"٣"',
];
const ODD_NUMBERS = [
  '0', '-0', '-1', '1e5', '1E+400', '-1e400', '1e-400', '0.1e-7', '9007199254740993', '17841400000000001', '123456789012345678901234567890',
  '1e17', '4102444800000', '99999999999999', '1700000000', '-1700000000000', '1.7e12', '3.000000000000000000000000001',
];

function scalar(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom('null', 'true', 'false'),
    fc.constantFrom(...ODD_NUMBERS),
    fc.constantFrom(...ODD_STRINGS),
    fc.constantFrom(...KNOWN_VALUES).map((text) => JSON.stringify(text)),
    fc.string({ unit: 'binary', maxLength: 30 }).map((text) => JSON.stringify(text)),
    fc.bigInt().map(String),
    fc.double().map((value) => JSON.stringify(value)),
    fc.constantFrom('x', '9', '\\u2764', '\\ud83d').chain((unit) => fc.integer({ min: 200, max: 3000 }).map((n) => `"${unit.repeat(n)}"`)),
  );
}

function key(): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: fc.constantFrom(...KNOWN_KEYS), weight: 6 },
    { arbitrary: fc.constantFrom(...UNHOLY_KEYS), weight: 1 },
    { arbitrary: fc.string({ unit: 'binary', maxLength: 10 }), weight: 1 },
  ).map((name) => JSON.stringify(name));
}

function objectText(fields: readonly (readonly [string, string])[]): string {
  return `{${fields.map(([name, value]) => `${name}:${value}`).join(',')}}`;
}

/** JSON as text rather than as values, so that it can hold what no value can: a key twice, a number of a thousand digits. */
export const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string; array: string; object: string }>((again) => ({
  value: fc.oneof({ maxDepth: 5, depthSize: 'small' }, scalar(), again('array'), again('object')),
  array: fc.array(again('value'), { maxLength: 5 }).map((items) => `[${items.join(',')}]`),
  object: fc.array(fc.tuple(key(), again('value')), { maxLength: 6 }).map(objectText),
})).value;

/** A delivery to one account, with anything at all in the places where events stand. */
export function deliveryText(accountId: string): fc.Arbitrary<string> {
  const list = fc.array(fc.oneof(jsonText, itemText(accountId)), { maxLength: 4 }).map((items) => `[${items.join(',')}]`);
  const content = fc.tuple(fc.constantFrom('messaging', 'standby', 'changes', 'changed_fields', 'value'), fc.oneof(list, jsonText));
  const entry = fc.tuple(fc.array(content, { minLength: 1, maxLength: 3 }), jsonText, fc.boolean()).map(([contents, time, asNumber]) =>
    objectText([
      ['"id"', asNumber ? accountId : `"${accountId}"`], ['"time"', time], ['"field"', '"comments"'],
      ...contents.map(([name, value]) => [`"${name}"`, value] as const),
    ]));
  return fc.array(entry, { minLength: 1, maxLength: 3 }).map((entries) => `{"object":"instagram","entry":[${entries.join(',')}]}`);
}

/** One item of one person, with anything at all as its content. */
function itemText(accountId: string): fc.Arbitrary<string> {
  const person = fc.integer({ min: 1, max: 30 }).map((n) => `{"id":"98765432109876${String(n).padStart(2, '0')}"}`);
  const account = fc.constant(`{"id":"${accountId}"}`);
  const inner = fc.array(fc.tuple(key(), fc.oneof(scalar(), jsonText)), { maxLength: 5 }).map(objectText);
  const what = fc.constantFrom('message', 'postback', 'reaction', 'read', 'message_edit', 'referral', 'optin', 'pass_thread_control');
  return fc.tuple(person, account, what, inner, fc.boolean(), fc.integer({ min: 0, max: 40 })).map(([from, to, kind, content, isEcho, n]) =>
    objectText([
      ['"sender"', isEcho ? to : from], ['"recipient"', isEcho ? from : to], ['"timestamp"', String(Date.now() - n * 1000)],
      [`"${kind}"`, content.replace('{', `{"mid":"odd-${String(n)}"${content === '{}' ? '' : ','}`)],
    ]));
}

/** Nested deeper than any reader's stack. */
export const deepText: fc.Arbitrary<string> = fc
  .tuple(fc.integer({ min: 50, max: 30_000 }), fc.constantFrom('array', 'object', 'mixed'))
  .map(([depth, form]) => {
    const [open, close] = form === 'array' ? ['[', ']'] : form === 'object' ? ['{"a":', '}'] : ['[{"entry":', '}]'];
    return `${open.repeat(depth)}1${close.repeat(depth)}`;
  });

/** Mostly no JSON at all. */
export const notJson: fc.Arbitrary<Buffer> = fc.oneof(
  fc.constantFrom('', ' ', '{', '[1,]', "{'a':1}", 'undefined', 'NaN', '{"a":1}{"b":2}', '\ufeff{}', '{"a":01}', '"\u0001"', 'entry=1&object=instagram')
    .map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  jsonText.map((text) => Buffer.from(text.slice(0, -1))),
);

const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[[\]{},:]/g;

/** A text of JSON that somebody has been at: most of the results are JSON still. */
export function mutationOf(text: string): fc.Arbitrary<string> {
  const tokens = text.match(TOKENS) ?? [];
  const place = fc.nat({ max: Math.max(0, tokens.length - 1) });
  const change = fc.oneof(
    { weight: 10, arbitrary: fc.tuple(place, fc.oneof(scalar(), jsonText)).map(([at, value]) => edit((t) => { replaceValue(t, at, value); })) },
    { weight: 4, arbitrary: fc.tuple(place, key()).map(([at, name]) => edit((t) => { replaceKey(t, at, name); })) },
    { weight: 3, arbitrary: place.map((at) => edit((t) => { wrapValue(t, at); })) },
    { weight: 1, arbitrary: fc.tuple(place, place).map(([a, b]) => edit((t) => { swap(t, a, b); })) },
    { weight: 1, arbitrary: place.map((at) => edit((t) => { t.splice(at, 1); })) },
  );
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    const changed = [...tokens];
    for (const apply of changes) apply(changed);
    return changed.join('');
  });
}

type Edit = (tokens: string[]) => void;
const edit = (change: Edit): Edit => change;

const isValue = (tokens: readonly string[], at: number) => /^["\d-]|^(?:true|false|null)$/.test(tokens[at] ?? '') && tokens[at + 1] !== ':';

function replaceValue(tokens: string[], from: number, value: string): void {
  const at = nextWhere(tokens, from, (index) => isValue(tokens, index));
  if (at !== null) tokens[at] = value;
}

function replaceKey(tokens: string[], from: number, name: string): void {
  const at = nextWhere(tokens, from, (index) => tokens[index + 1] === ':');
  if (at !== null) tokens[at] = name;
}

function wrapValue(tokens: string[], from: number): void {
  const at = nextWhere(tokens, from, (index) => isValue(tokens, index));
  if (at !== null) tokens[at] = `[${tokens[at] ?? ''},${tokens[at] ?? ''}]`;
}

function swap(tokens: string[], a: number, b: number): void {
  [tokens[a], tokens[b]] = [tokens[b] ?? '', tokens[a] ?? ''];
}

function nextWhere(tokens: readonly string[], from: number, holds: (index: number) => boolean): number | null {
  for (let step = 0; step < tokens.length; step++) {
    const index = (from + step) % tokens.length;
    if (holds(index)) return index;
  }
  return null;
}
