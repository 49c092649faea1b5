import { describe, expect, it } from '@jest/globals';
import { troubleOf, type AccountTrouble } from './account-trouble.js';

const answer = (status: number, error?: Record<string, unknown>, headers: Record<string, string> = {}) => ({
  status, headers, body: error ? { error: { message: 'в любых словах', ...error } } : undefined,
});

describe('troubleOf', () => {
  it.each<[number, number | undefined, AccountTrouble['kind']]>([
    [190, 463, 'dead_token'], [190, undefined, 'dead_token'], [102, undefined, 'dead_token'],
    [100, undefined, 'refused'], [100, 33, 'refused'], [10, undefined, 'refused'], [200, undefined, 'refused'], [3, undefined, 'refused'],
    [4, undefined, 'unanswered'], [613, undefined, 'unanswered'], [80002, undefined, 'unanswered'], [1, undefined, 'unanswered'],
    [2, undefined, 'unanswered'], [-1, undefined, 'unanswered'], [368, undefined, 'unanswered'],
  ])('code %s/%s is %s', (code, error_subcode, kind) => {
    const trouble = troubleOf(answer(400, { code, error_subcode }));
    expect(trouble?.kind).toBe(kind);
    expect(trouble?.reason).toContain(`code ${String(code)}`);
    expect(trouble?.reason).not.toContain('словах');
  });

  it('says why a token is dead, where Meta does', () => {
    expect(troubleOf(answer(401, { code: 190, error_subcode: 460 }))).toMatchObject({ reason: expect.stringContaining('password'), cure: expect.stringContaining('PATCH') });
    expect(troubleOf(answer(401, { code: 190, error_subcode: 463 }))?.reason).toContain('expired');
  });

  it('takes an outage, a proxy and whatever Meta calls transient for something that passes', () => {
    expect(troubleOf(answer(502))?.kind).toBe('unanswered');
    expect(troubleOf(answer(404))?.kind).toBe('unanswered');
    expect(troubleOf(answer(500, { code: 100 }))?.kind).toBe('unanswered');
    expect(troubleOf(answer(400, { code: 987654, is_transient: true }))?.kind).toBe('unanswered');
    expect(troubleOf(answer(400, { code: 4 }, { 'retry-after': '30' }))).toMatchObject({ retryAfterMs: 30_000 });
  });

  it('is none in a good answer', () => {
    expect(troubleOf({ status: 200, headers: {}, body: { success: true } })).toBeNull();
  });
});
