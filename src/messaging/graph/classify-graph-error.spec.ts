import { describe, expect, it } from '@jest/globals';
import type { SendOutcome } from '../message-sender.port.js';
import { classifyGraphError } from './classify-graph-error.js';
import { OUTCOMES, type Outcome, type OutcomeRow } from './outcome-table.js';

const PRIVATE_REPLY = { recipient: { comment_id: '1' }, message: { text: 'hi' } };
const MINUTE_MS = 60_000;

interface More {
  readonly status?: number;
  readonly transient?: boolean | string;
  readonly headers?: Record<string, string>;
}

function answer(code: number, subcode?: number | null, more: More = {}) {
  return {
    status: more.status ?? 400,
    headers: more.headers ?? {},
    body: {
      error: {
        message: 'в любых словах', type: 'IGApiException', code, error_subcode: subcode ?? undefined, is_transient: more.transient,
        fbtrace_id: 'AbCdEf123',
      },
    },
  };
}

/** A pair of numbers that the row is about. */
function exampleOf({ code, subcode }: OutcomeRow): { code: number; subcode: number | null } {
  const one = (value: number | { from: number }) => (typeof value === 'number' ? value : value.from);
  return code === 'any' ? { code: 100, subcode: one(subcode!) } : { code: one(code), subcode: subcode === null ? null : one(subcode) };
}

const KINDS: Record<Outcome['kind'], SendOutcome['kind']> = {
  sent: 'sent', retry: 'retry', retry_once: 'retry', unknown: 'unknown', failed: 'failed', conversation_closed: 'failed',
  conversation_paused: 'failed', account_paused: 'paused', account_refused: 'failed', permission: 'failed', dead_token: 'dead_token',
};

describe('classifyGraphError', () => {
  it.each(OUTCOMES.map((row) => ({ ...exampleOf(row), row })))('code $code/$subcode is what the table says', ({ code, subcode, row }) => {
    const outcome = classifyGraphError(answer(code, subcode), row.outcome.kind === 'sent' ? PRIVATE_REPLY : {});
    expect(outcome.kind).toBe(KINDS[row.outcome.kind]);
    const words = outcome.kind === 'sent' ? outcome.note : outcome.reason;
    expect(words).toContain(`${row.what} (code ${String(code)}${subcode === null ? '' : `/${String(subcode)}`}, trace AbCdEf123)`);
    expect(JSON.stringify(outcome)).not.toContain('словах');
    if ('minutes' in row.outcome && outcome.kind === 'paused') expect(outcome.pause.forMs).toBe(row.outcome.minutes * MINUTE_MS);
  });

  it('has no two rows for one pair', () => {
    const pairs = OUTCOMES.map(({ code, subcode }) => JSON.stringify([code, subcode]));
    expect(new Set(pairs).size).toBe(pairs.length);
  });

  it.each([
    ['an unlisted code fails', answer(987654), { kind: 'failed' }],
    ['… unless Meta calls it transient', answer(987654, null, { transient: true }), { kind: 'retry' }],
    ['… also in text, as numbers are taken', answer(987654, null, { transient: 'true' }), { kind: 'retry' }],
    ['… and not where it says that it is not', answer(987654, null, { transient: 'false' }), { kind: 'failed' }],
    ['an unlisted subcode is what its code is', answer(190, 999), { kind: 'dead_token' }],
    ['a subcode that names one problem does so under any code', answer(551, 2534022), { kind: 'failed', conversation: { kind: 'closed' } }],
    ['also where the error may have been a success', answer(2, 1357046), { kind: 'unknown' }],
    ['and some come as a code', answer(36103), { kind: 'failed', pause: { scope: 'account' } }],
  ])('%s', (_, given, expected) => {
    expect(classifyGraphError(given)).toMatchObject(expected);
  });

  it('stops the account for a missing permission that all its messages need, and for no other', () => {
    expect(classifyGraphError(answer(10), { recipient: { id: '1' } })).toMatchObject({ kind: 'failed', pause: { scope: 'account' } });
    const recipient = { id: '1' };
    const reaction = { recipient, sender_action: 'react', payload: { message_id: 'm', reaction: 'love' } };
    for (const body of [PRIVATE_REPLY, { recipient, tag: 'HUMAN_AGENT' }, { recipient, reply_to: { mid: 'm' } }, reaction]) {
      expect(classifyGraphError(answer(10), body)).not.toHaveProperty('pause');
    }
    expect(classifyGraphError(answer(10, 4242), { recipient: { id: '1' } })).not.toHaveProperty('pause');
  });

  it('asks for no new token where the owner only has to log in: the old one is mostly good again', () => {
    expect(classifyGraphError(answer(190, 459))).toMatchObject({
      kind: 'dead_token',
      cure: 'Log in to Instagram and verify the account here: the token may be accepted again. If not, generate a new one and PATCH the account with it; what is still in time then goes out.',
    });
  });

  it('takes a refusal for the conversation’s only from a message that has no window of its own', () => {
    const plain = { recipient: { id: '1' } };
    expect(classifyGraphError(answer(10, 2534022), plain)).toMatchObject({ conversation: { kind: 'closed' } });
    expect(classifyGraphError(answer(10, 2534022), { ...plain, tag: 'HUMAN_AGENT' })).not.toHaveProperty('conversation');
    expect(classifyGraphError(answer(10, 2534022), PRIVATE_REPLY)).not.toHaveProperty('conversation');
    expect(classifyGraphError(answer(100, 2018300), { ...plain, tag: 'HUMAN_AGENT' })).toMatchObject({ conversation: { kind: 'paused' } });
    expect(classifyGraphError(answer(100, 2018300), PRIVATE_REPLY)).not.toHaveProperty('conversation');
  });

  it('counts a comment that takes no reply as done for a private reply alone', () => {
    expect(classifyGraphError(answer(100, 2534025), PRIVATE_REPLY)).toMatchObject({ kind: 'sent', messageId: null });
    expect(classifyGraphError(answer(100, 2534025), { recipient: { id: '1' } }).kind).toBe('failed');
  });

  it('knows nothing after a 5xx, but for codes that say that it was refused', () => {
    expect(classifyGraphError(answer(2, undefined, { status: 500 })).kind).toBe('unknown');
    expect(classifyGraphError(answer(987654, undefined, { status: 500 })).kind).toBe('unknown');
    expect(classifyGraphError({ status: 502, headers: {}, body: undefined }).kind).toBe('unknown');
    expect(classifyGraphError(answer(190, 463, { status: 500 })).kind).toBe('dead_token');
    expect(classifyGraphError(answer(4, undefined, { status: 503 })).kind).toBe('paused');
  });

  it('does not take an answer that says nothing for a delivery, nor a proxy for Instagram', () => {
    expect(classifyGraphError({ status: 200, headers: {}, body: {} }).kind).toBe('unknown');
    expect(classifyGraphError({ status: 408, headers: {}, body: undefined }).kind).toBe('unknown');
    expect(classifyGraphError({ status: 403, headers: {}, body: undefined }).kind).toBe('failed');
    expect(classifyGraphError({ status: 429, headers: { 'retry-after': '7' }, body: undefined })).toMatchObject({
      kind: 'paused', pause: { forMs: 7000 },
    });
  });

  it('waits as long as Graph says', () => {
    const usage = (type: string, minutes: number) => JSON.stringify({ '178': [{ type, estimated_time_to_regain_access: minutes }] });
    const waitOf = (headers: Record<string, string>) => {
      const outcome = classifyGraphError(answer(80002, undefined, { headers }));
      return outcome.kind === 'paused' ? outcome.pause.forMs / MINUTE_MS : null;
    };
    expect(waitOf({ 'x-business-use-case-usage': usage('messenger', 3) })).toBe(3);
    expect(waitOf({ 'x-business-use-case-usage': usage('ads_insights', 3) })).toBe(1);
    expect(waitOf({ 'x-business-use-case-usage': 'nonsense', 'retry-after': 'soon' })).toBe(1);
    expect(waitOf({ 'x-app-usage': JSON.stringify({ call_count: 28, total_time: 100, total_cputime: 5 }) })).toBe(5);
    expect(waitOf({ 'x-app-usage': JSON.stringify({ call_count: 99 }) })).toBe(1);
    expect(waitOf({ 'retry-after': new Date(Date.now() + 10 * MINUTE_MS).toUTCString() })).toBeCloseTo(10, 0);
  });
});
