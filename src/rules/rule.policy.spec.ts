import { describe, expect, it } from '@jest/globals';
import { RULE_DEFAULTS, checkedRule } from './rule.policy.js';
import type { RuleFields } from './rule.js';
import { InvalidRuleError } from './rules.errors.js';

const fields = (over: Partial<RuleFields>): RuleFields => ({
  ...RULE_DEFAULTS,
  name: 'a rule',
  triggerType: 'exact',
  triggerValue: 'x',
  responseTemplate: 'y',
  ...over,
});

const quickReplies = [{ contentType: 'text', title: 'a', payload: 'A' }] as const;
const buttons = [{ type: 'postback', title: 'a', payload: 'A' }] as const;
const media = { type: 'image', url: 'https://example.com/a.png' } as const;

describe('checkedRule', () => {
  it.each([
    [{ triggerValue: null }, /triggerValue is required/],
    [{ triggerValue: '  ' }, /triggerValue: must not be empty/],
    [{ triggerValue: '\u200B' }, /triggerValue: must not be empty/],
    [{ triggerType: 'regex', triggerValue: '(' }, /triggerValue: .+/],
    [{ triggerType: 'regex', triggerValue: '(?=a)' }, /triggerValue: .+/],
    [{ triggerType: 'regex', triggerValue: '((a{100}){10}){10}' }, /triggerValue: .+/],
    [{ responseTemplate: ' ' }, /responseTemplate must not be empty/],
    [{ responseTemplate: '{{ x' }, /responseTemplate: .+/],
    [{ responseTemplate: "{% include 'x' %}" }, /responseTemplate: .+/],
    [{ name: ' ' }, /name must not be empty/],
    [{ responseTemplate: '', quickReplies, media }, /quickReplies need a responseTemplate/],
    [{ responseTemplate: ' ', buttons, media }, /buttons need a responseTemplate/],
    [{ quickReplies, buttons }, /quickReplies and buttons cannot go in one message/],
    [{ triggerType: 'comment', media }, /media cannot answer a comment/],
    [{ triggerType: 'comment', responseTemplate: 'é'.repeat(501) }, /responseTemplate: the reply is too long.*1000 bytes/],
    [{ triggerType: 'comment', responseTemplate: 'a'.repeat(641), buttons }, /responseTemplate: the reply is too long.*640 characters/],
    [{ triggerType: 'comment', typingSeconds: 1 }, /typingSeconds cannot go before the answer to a comment/],
  ] as [Partial<RuleFields>, RegExp][])('refuses %j', (over, message) => {
    expect(() => checkedRule(fields(over))).toThrow(InvalidRuleError);
    expect(() => checkedRule(fields(over))).toThrow(message);
  });

  it('lets a rule of an older version be switched off, and refuses what is changed of it', () => {
    const stored = fields({ triggerType: 'comment', responseTemplate: 'a'.repeat(1001), enabled: false });
    expect(checkedRule(stored, { enabled: false })).toMatchObject({ enabled: false });
    expect(() => checkedRule(stored, { responseTemplate: stored.responseTemplate })).toThrow(/too long/);
  });

  it.each([
    ['pattern', { triggerType: 'regex', triggerValue: '(?=price)' }, 'triggerValue'],
    ['template', { responseTemplate: '{{ text | no_such_filter }}' }, 'responseTemplate'],
  ] as const)('lets a rule be switched off, or renamed, whose %s cannot be used any more', (_, over, field) => {
    const stored = fields(over);
    expect(checkedRule({ ...stored, enabled: false }, { enabled: false })).toMatchObject({ enabled: false });
    expect(checkedRule({ ...stored, name: 'old' }, { name: 'old', priority: 7 })).toMatchObject({ name: 'old' });
    // Not switched on, nor saved anew: it could never answer.
    for (const given of [{ enabled: true }, over]) expect(() => checkedRule(stored, given)).toThrow(field);
  });

  it('looks at a value again when the trigger changes', () => {
    const stored = fields({ triggerType: 'contains', triggerValue: 'c++ (' });
    expect(() => checkedRule({ ...stored, triggerType: 'regex' }, { triggerType: 'regex' })).toThrow(/triggerValue/);
  });

  it('names every bad field at once', () => {
    expect(() => checkedRule(fields({ triggerValue: '', responseTemplate: '{{' }))).toThrow(
      /triggerValue.*responseTemplate/,
    );
  });

  it('takes what goes with a text, and media without one', () => {
    const extras = { quickReplies, media, typingSeconds: 20 };
    expect(checkedRule(fields(extras))).toMatchObject(extras);
    expect(checkedRule(fields({ triggerType: 'comment', buttons, typingSeconds: 0 }))).toMatchObject({
      buttons,
      typingSeconds: null,
    });
    for (const responseTemplate of ['a'.repeat(1000), `{{ text }}${'a'.repeat(2000)}`]) {
      expect(checkedRule(fields({ triggerType: 'comment', responseTemplate }))).toMatchObject({ responseTemplate });
    }
    expect(checkedRule(fields({ responseTemplate: '', media }))).toMatchObject({ responseTemplate: '', media });
  });

  it('stores null for a value that means nothing, and keeps one that may be left out', () => {
    for (const triggerType of ['any', 'story_reply', 'story_mention'] as const) {
      expect(checkedRule(fields({ triggerType })).triggerValue).toBeNull();
    }
    for (const triggerType of ['postback', 'quick_reply', 'reaction', 'referral', 'comment'] as const) {
      expect(checkedRule(fields({ triggerType })).triggerValue).toBe('x');
      expect(checkedRule(fields({ triggerType, triggerValue: null })).triggerValue).toBeNull();
      // Meant for one payload, it must not silently become a rule for all of them.
      expect(() => checkedRule(fields({ triggerType, triggerValue: ' ' }))).toThrow(/must not be empty; leave it out/);
    }
  });
});
