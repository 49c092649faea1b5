import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RulesBed, fields } from '../../test/support/rules-bed.js';
import { SYSTEM_CONTEXT } from '../common/request-context.js';
import { TRIGGER_TYPES, TRIGGER_VALUES } from './engine/trigger-types.js';
import { RuleResponse } from './rule.response.dto.js';
import { TestRulesResponse } from './test-rules.response.dto.js';

const CONTRACT_FIELDS = [
  'id',
  'accountId',
  'name',
  'enabled',
  'priority',
  'triggerType',
  'triggerValue',
  'responseTemplate',
  'cooldownSeconds',
  'createdAt',
  'updatedAt',
];

describe('RulesService on a database', () => {
  let bed: RulesBed;

  beforeAll(async () => {
    bed = await RulesBed.open();
  });
  afterAll(async () => {
    await bed.close();
  });

  it('saves every trigger as given, and null where a value means nothing', async () => {
    for (const triggerType of TRIGGER_TYPES) {
      const use = TRIGGER_VALUES[triggerType];
      const saved = await bed.service.create(SYSTEM_CONTEXT, '3', fields({ triggerType, triggerValue: 'GO ❤️' }));
      expect(await bed.service.get('3', saved.id)).toMatchObject({
        triggerType,
        triggerValue: use === 'ignored' ? null : 'GO ❤️',
      });
      const bare = bed.service.create(SYSTEM_CONTEXT, '3', fields({ triggerType, triggerValue: null }));
      if (use === 'required')
        await expect(bare).rejects.toMatchObject({ kind: 'invalid', message: expect.stringContaining('triggerValue') });
      else expect(await bed.service.get('3', (await bare).id)).toMatchObject({ triggerType, triggerValue: null });
      if (use === 'ignored') continue;
      const empty = bed.service.create(SYSTEM_CONTEXT, '3', fields({ triggerType, triggerValue: ' ' }));
      await expect(empty).rejects.toMatchObject({ kind: 'invalid', message: expect.stringContaining('triggerValue') });
    }
    const rule = await bed.service.create(SYSTEM_CONTEXT, '3', fields({ triggerType: 'reaction', triggerValue: '❤️' }));
    expect(await bed.service.update(SYSTEM_CONTEXT, '3', rule.id, { triggerValue: null })).toMatchObject({
      triggerValue: null,
    });
    expect(
      await bed.service.update(SYSTEM_CONTEXT, '3', rule.id, { triggerType: 'comment', triggerValue: 'price' }),
    ).toMatchObject({ triggerValue: 'price' });
    expect(await bed.service.update(SYSTEM_CONTEXT, '3', rule.id, { triggerType: 'story_reply' })).toMatchObject({
      triggerValue: null,
    });
    await expect(bed.service.update(SYSTEM_CONTEXT, '3', rule.id, { triggerType: 'exact' })).rejects.toMatchObject({
      kind: 'invalid',
    });
    expect(await bed.service.get('3', rule.id)).toMatchObject({ triggerType: 'story_reply', triggerValue: null });
  });

  it('keeps what a rule answers with beside its text, and shows it only where it is set', async () => {
    const quickReplies = [
      { contentType: 'text', title: 'Hours 🕘', payload: 'HOURS' },
      { contentType: 'user_email' },
    ] as const;
    const media = { type: 'image', url: 'https://example.com/a.png' } as const;
    const made = await bed.service.create(SYSTEM_CONTEXT, '5', fields({ quickReplies, media, typingSeconds: 3 }));
    expect(await bed.service.get('5', made.id)).toEqual(made);
    expect(RuleResponse.from(made)).toMatchObject({ quickReplies, media, typingSeconds: 3 });
    const test = bed.newTestRules();
    expect(TestRulesResponse.from(await test.execute('5', { text: 'hi' }))).toMatchObject({
      reply: 'Hello from shop5',
      quickReplies,
      media,
      typingSeconds: 3,
    });
    const buttons = [{ type: 'web_url', title: 'Look', url: 'https://example.com' }] as const;
    await expect(bed.service.update(SYSTEM_CONTEXT, '5', made.id, { buttons })).rejects.toMatchObject({
      kind: 'invalid',
    });
    const changed = await bed.service.update(SYSTEM_CONTEXT, '5', made.id, {
      quickReplies: null,
      buttons,
      media: null,
      typingSeconds: 0,
    });
    expect(await bed.service.get('5', made.id)).toEqual(changed);
    expect(Object.keys(RuleResponse.from(changed)).sort()).toEqual([...CONTRACT_FIELDS, 'buttons'].sort());
    const plain = await bed.service.update(SYSTEM_CONTEXT, '5', made.id, { buttons: null });
    expect(Object.keys(RuleResponse.from(plain)).sort()).toEqual([...CONTRACT_FIELDS].sort());
    expect(Object.keys(TestRulesResponse.from(await test.execute('5', { text: 'hi' }))).sort()).toEqual([
      'matched',
      'reply',
      'rule',
      'trace',
    ]);
    await bed.service.update(SYSTEM_CONTEXT, '5', made.id, { buttons: null, typingSeconds: 0 }); // changes nothing: no entry
    const entries = await bed.audited('5', made.id);
    expect(entries.map((entry) => entry.action)).toEqual(['rule.create', 'rule.update', 'rule.update']);
    expect(JSON.parse(entries[1]?.changes ?? '')).toEqual({
      quickReplies: null,
      buttons,
      media: null,
      typingSeconds: null,
    });
  });

  it('audits each change with it, and refuses what would not work', async () => {
    const rule = await bed.service.create(SYSTEM_CONTEXT, '2', fields({ name: ' Greeting ' }));
    await bed.service.update(SYSTEM_CONTEXT, '2', rule.id, { priority: 5 });
    await bed.service.update(SYSTEM_CONTEXT, '2', rule.id, { priority: 5 }); // changes nothing: no entry
    await expect(bed.service.update(SYSTEM_CONTEXT, '2', rule.id, { triggerType: 'exact' })).rejects.toMatchObject({
      kind: 'invalid',
    });
    expect(await bed.service.get('2', rule.id)).toMatchObject({ name: 'Greeting', priority: 5, triggerType: 'any' });
    await expect(bed.service.delete(SYSTEM_CONTEXT, '1', rule.id)).rejects.toMatchObject({ kind: 'not_found' });
    await bed.service.delete(SYSTEM_CONTEXT, '2', rule.id);
    await expect(bed.service.get('2', rule.id)).rejects.toMatchObject({ kind: 'not_found' });
    await expect(bed.service.create(SYSTEM_CONTEXT, '9', fields())).rejects.toMatchObject({ kind: 'not_found' });
    await expect(bed.service.list('9', 10, undefined)).rejects.toMatchObject({ kind: 'not_found' });
    const entries = await bed.audited('2', rule.id);
    expect(entries.map((entry) => entry.action)).toEqual(['rule.create', 'rule.update', 'rule.delete']);
    expect(JSON.parse(entries[1]?.changes ?? '')).toEqual({ priority: 5 });
  });
});
