import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RulesBed } from '../../test/support/rules-bed.js';

describe('TestRulesUseCase', () => {
  let bed: RulesBed;

  beforeAll(async () => {
    bed = await RulesBed.open();
  });
  afterAll(async () => {
    await bed.close();
  });

  it('tests rules without a trace in the database', async () => {
    await bed.add('1', { enabled: false, responseTemplate: 'not tried' });
    const rule = await bed.add('1', { triggerType: 'contains', triggerValue: 'price' });
    const useCase = bed.newTestRules();
    const result = await useCase.execute('1', { text: 'The PRICE?' });
    expect(result).toMatchObject({
      matched: true,
      rule: { id: rule.id },
      reply: 'Hello from shop1',
      trace: [{ ruleId: rule.id, matched: true }],
    });
    expect(await useCase.execute('1', { event: { message: { mid: 'm', text: 'price' } } })).toMatchObject({
      matched: true,
    });
    expect(await useCase.execute('1', { event: { read: {} } })).toMatchObject({
      matched: false,
      rule: null,
      reply: null,
      trace: [{ matched: false }],
    });
    await expect(useCase.execute('1', {})).rejects.toMatchObject({ kind: 'invalid' });
    await expect(useCase.execute('1', { text: 'a', event: {} })).rejects.toMatchObject({ kind: 'invalid' });
    await expect(useCase.execute('9', { text: 'a' })).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('tests an event of any kind, and says why nothing can answer it', async () => {
    const comment = await bed.add('4', {
      triggerType: 'comment',
      triggerValue: 'price',
      responseTemplate: 'Hi {{ username }}: {{ match }}',
    });
    const useCase = bed.newTestRules();
    const value = { id: '9', from: { id: '1', username: 'jane' }, text: 'What PRICE?' };
    const delivery = { object: 'instagram', entry: [{ id: '4', time: 1, changes: [{ field: 'comments', value }] }] };
    for (const event of [delivery, [delivery], { field: 'live_comments', value }]) {
      expect(await useCase.execute('4', { event })).toMatchObject({
        matched: true,
        rule: { id: comment.id },
        reply: 'Hi jane: price',
        trace: [{ ruleId: comment.id, matched: true, reason: 'it is a comment that contains "price"' }],
      });
    }
    const own = { field: 'comments', value: { ...value, from: { id: '4' } } };
    expect(await useCase.execute('4', { event: own })).toMatchObject({
      matched: false,
      trace: [{ ruleId: comment.id, matched: false, reason: 'the account itself did it' }],
    });
    expect(await useCase.execute('4', { text: 'price' })).toMatchObject({
      matched: false,
      trace: [{ reason: 'it is not a comment' }],
    });
  });
});
