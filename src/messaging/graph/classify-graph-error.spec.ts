import { describe, expect, it } from '@jest/globals';
import type { SendOutcome } from '../message-sender.port.js';
import { classifyGraphError } from './classify-graph-error.js';

function answer(code: number, subcode?: number, more: { status?: number; transient?: boolean; headers?: Record<string, string> } = {}) {
  return {
    status: more.status ?? 400,
    headers: more.headers ?? {},
    body: { error: { message: 'в любых словах', type: 'IGApiException', code, error_subcode: subcode, is_transient: more.transient } },
  };
}

describe('classifyGraphError', () => {
  it.each<[number, number | undefined, SendOutcome['kind']]>([
    [-1, undefined, 'retry'], [1, undefined, 'retry'], [2, undefined, 'retry'], [341, undefined, 'retry'],
    [1, 99, 'failed'], [1, 1357046, 'unknown'], [2, 1545133, 'retry'],
    [4, undefined, 'throttled'], [17, undefined, 'throttled'], [32, undefined, 'throttled'], [613, undefined, 'throttled'],
    [613, 2534040, 'throttled'], [80002, undefined, 'throttled'], [80006, undefined, 'throttled'], [368, undefined, 'throttled'],
    [3, undefined, 'failed'], [10, undefined, 'failed'], [10, 2534022, 'failed'], [10, 1893063, 'throttled'],
    [100, undefined, 'failed'], [100, 2534014, 'failed'], [100, 2018008, 'retry'], [100, 2018109, 'failed'],
    [190, undefined, 'dead_token'], [190, 463, 'dead_token'], [102, undefined, 'dead_token'],
    [200, undefined, 'failed'], [200, 2534041, 'failed'], [299, 1, 'failed'], [230, undefined, 'failed'],
    [551, undefined, 'failed'], [551, 1545041, 'failed'], [9000001, undefined, 'failed'],
    [987654, undefined, 'failed'],
  ])('code %s/%s is %s', (code, subcode, kind) => {
    expect(classifyGraphError(answer(code, subcode)).kind).toBe(kind);
  });

  it('tries again what an unlisted code calls transient', () => {
    expect(classifyGraphError(answer(987654, undefined, { transient: true })).kind).toBe('retry');
  });

  it('knows nothing after a 5xx, whatever the code in it', () => {
    expect(classifyGraphError(answer(2, undefined, { status: 500 })).kind).toBe('unknown');
    expect(classifyGraphError({ status: 502, headers: {}, body: undefined }).kind).toBe('unknown');
  });

  it('does not take an answer that says nothing for a delivery, nor a proxy for Instagram', () => {
    expect(classifyGraphError({ status: 200, headers: {}, body: {} }).kind).toBe('unknown');
    expect(classifyGraphError({ status: 403, headers: {}, body: undefined }).kind).toBe('failed');
    expect(classifyGraphError({ status: 429, headers: { 'retry-after': '7' }, body: undefined })).toMatchObject({
      kind: 'throttled', retryAfterMs: 7000,
    });
  });

  it('waits as long as Graph says', () => {
    const usage = JSON.stringify({ '178': [{ type: 'messenger', estimated_time_to_regain_access: 3 }] });
    const headers = { 'x-business-use-case-usage': usage };
    expect(classifyGraphError(answer(80002, undefined, { headers }))).toMatchObject({ retryAfterMs: 180_000 });
  });

  it('gives reasons without the words of the answer, which may be in any language', () => {
    expect(JSON.stringify(classifyGraphError(answer(10, 2534022)))).not.toContain('словах');
  });
});
