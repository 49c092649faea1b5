import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Entity, PrimaryColumn, type DataSource } from 'typeorm';
import { MIGRATIONS } from '../../migrations/index.js';
import { AuditRepository } from '../audit/audit.repository.js';
import { AuditTrail } from '../audit/index.js';
import { SYSTEM_CONTEXT } from '../common/request-context.js';
import { Dialect, migrate, openDataSource, type TransactionRunner } from '../database/index.js';
import { SerialTransactionRunner } from '../database/typeorm-transaction-runner.js';
import { CooldownEntity } from './cooldown.entity.js';
import { CooldownRepository } from './cooldown.repository.js';
import { factsOf } from './engine/facts.js';
import { TRIGGER_TYPES, TRIGGER_VALUES } from './engine/trigger-types.js';
import { RuleEntity } from './rule.entity.js';
import { RULE_DEFAULTS } from './rule.policy.js';
import { RuleRepository } from './rule.repository.js';
import { RuleResponse } from './rule.response.dto.js';
import { RuleSetEntity } from './rule-set.entity.js';
import { RuleSets } from './rule-sets.js';
import { RulesService } from './rules.service.js';
import { TestRulesResponse } from './test-rules.response.dto.js';
import { TestRulesUseCase } from './test-rules.usecase.js';

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
const AT = new Date('2026-03-01T10:00:00.123Z');
const later = (seconds: number) => new Date(AT.getTime() + seconds * 1000);
const fields = (over: object = {}) => ({
  ...RULE_DEFAULTS,
  name: 'r',
  triggerType: 'any' as const,
  responseTemplate: 'Hello from {{ account.username }}',
  ...over,
});
const facts = factsOf({ username: null, name: null, account: { username: 'shop' } }, 'message', 'hi');

/** Only what the foreign keys point at. */
@Entity('instagram_business_accounts')
class ReferencedAccount {
  @PrimaryColumn({ type: 'varchar', length: 50 })
  id!: string;
}

describe('rules on a database', () => {
  let folder: string;
  let dataSource: DataSource;
  let transactions: TransactionRunner;
  let rules: RuleRepository;
  let cooldowns: CooldownRepository;
  let service: RulesService;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rules-'));
    const settings = { mysql: null, dataDir: folder } as Parameters<typeof openDataSource>[0];
    const opened = await openDataSource(settings, {
      entities: [RuleEntity, RuleSetEntity, CooldownEntity, ReferencedAccount],
      migrations: MIGRATIONS,
    });
    dataSource = opened.dataSource;
    await migrate(dataSource, opened.kind);
    const dialect = new Dialect(opened.kind);
    transactions = new SerialTransactionRunner(dataSource, dialect);
    rules = new RuleRepository(dialect);
    cooldowns = new CooldownRepository(dialect);
    const clock = { now: () => AT };
    service = new RulesService(transactions, rules, new AuditTrail(new AuditRepository(dialect), clock), clock);
    for (const id of ['1', '2', '3', '4', '5']) {
      await dataSource.query(
        `INSERT INTO instagram_business_accounts (id, username, status, access_token, app_secret, webhook_verify_token,
         webhook_verify_token_hash, credential_key_id, token_status, reply_max_age_minutes, takeover_minutes, opt_out_words,
         opt_in_words, max_automatic_turns, created_at, updated_at)
         VALUES (?, ?, 'active', '', '', '', '', '', 'unknown', 60, 30, '[]', '[]', 20, '2026-01-01 00:00:00.000', '2026-01-01 00:00:00.000')`,
        [id, `shop${id}`],
      );
    }
  });
  afterAll(async () => {
    await dataSource.destroy();
    rmSync(folder, { recursive: true, force: true });
  });

  const add = (accountId: string, over: object = {}, at = AT) =>
    transactions.run(async (tx) => {
      const rule = await rules.insert(tx, accountId, fields(over), at);
      await rules.raiseVersion(tx, accountId);
      return rule;
    });

  it('describes its tables as they are', async () => {
    const drift = await dataSource.driver.createSchemaBuilder().log();
    expect(
      drift.upQueries.map((q) => q.query).filter((sql) => /response_rules|rule_sets|rule_cooldowns/.test(sql)),
    ).toEqual([]);
  });

  it('keeps a rule as it was given, for its account only', async () => {
    const rule = await add('1', { enabled: false, priority: -5, triggerType: 'exact', triggerValue: '👍 Ünï' });
    expect(await transactions.read((tx) => rules.find(tx, '1', rule.id))).toEqual(rule);
    expect(await transactions.read((tx) => rules.find(tx, '2', rule.id))).toBeNull();
    await transactions.run((tx) => rules.update(tx, '2', rule.id, { name: 'stolen' }, AT));
    await transactions.run((tx) => rules.delete(tx, '2', rule.id));
    expect(await transactions.read((tx) => rules.find(tx, '1', rule.id))).toEqual(rule);
    await transactions.run((tx) => rules.update(tx, '1', rule.id, { enabled: true, triggerValue: null }, later(1)));
    expect(await transactions.read((tx) => rules.find(tx, '1', rule.id))).toEqual({
      ...rule,
      enabled: true,
      triggerValue: null,
      updatedAt: later(1),
    });
    await transactions.run((tx) => rules.delete(tx, '1', rule.id));
    expect(await transactions.read((tx) => rules.find(tx, '1', rule.id))).toBeNull();
  });

  it('lists newest first, page by page', async () => {
    const made = [await add('2', { name: 'a' }), await add('2', { name: 'b' }), await add('2', { name: 'c' })]
      .map((r) => r.id)
      .reverse();
    const first = await transactions.read((tx) => rules.list(tx, '2', 2, undefined));
    const second = await transactions.read((tx) => rules.list(tx, '2', 2, first[1]?.id));
    expect([...first, ...second].map((r) => r.id)).toEqual(made);
  });

  it('sees a change at the next look, and rolls back with its transaction', async () => {
    const sets = new RuleSets(rules);
    const look = async () =>
      (await transactions.read((tx) => sets.forAccounts(tx, ['1', 'unknown', '1'])))
        .get('1')
        ?.evaluate(facts, () => false).ruleId;
    expect(await look()).toBeNull();
    const rule = await add('1');
    expect(await look()).toBe(rule.id);
    const failing = transactions.run(async (tx) => {
      await rules.delete(tx, '1', rule.id);
      await rules.raiseVersion(tx, '1');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await look()).toBe(rule.id);
    const before = (await transactions.read((tx) => sets.forAccounts(tx, ['1']))).get('1');
    expect((await transactions.read((tx) => sets.forAccounts(tx, ['1']))).get('1')).toBe(before);
    await transactions.run(async (tx) => {
      await rules.update(tx, '1', rule.id, { enabled: false }, AT);
      await rules.raiseVersion(tx, '1');
    });
    expect(await look()).toBeNull();
  });

  it('tests rules without a trace in the database', async () => {
    const rule = await add('1', { triggerType: 'contains', triggerValue: 'price' });
    const useCase = new TestRulesUseCase(transactions, rules, new RuleSets(rules));
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

  it('saves every trigger as given, and null where a value means nothing', async () => {
    for (const triggerType of TRIGGER_TYPES) {
      const use = TRIGGER_VALUES[triggerType];
      const saved = await service.create(SYSTEM_CONTEXT, '3', fields({ triggerType, triggerValue: 'GO ❤️' }));
      expect(await service.get('3', saved.id)).toMatchObject({
        triggerType,
        triggerValue: use === 'ignored' ? null : 'GO ❤️',
      });
      const bare = service.create(SYSTEM_CONTEXT, '3', fields({ triggerType, triggerValue: null }));
      if (use === 'required')
        await expect(bare).rejects.toMatchObject({ kind: 'invalid', message: expect.stringContaining('triggerValue') });
      else expect(await service.get('3', (await bare).id)).toMatchObject({ triggerType, triggerValue: null });
      if (use === 'ignored') continue;
      const empty = service.create(SYSTEM_CONTEXT, '3', fields({ triggerType, triggerValue: ' ' }));
      await expect(empty).rejects.toMatchObject({ kind: 'invalid', message: expect.stringContaining('triggerValue') });
    }
    const rule = await service.create(SYSTEM_CONTEXT, '3', fields({ triggerType: 'reaction', triggerValue: '❤️' }));
    expect(await service.update(SYSTEM_CONTEXT, '3', rule.id, { triggerValue: null })).toMatchObject({
      triggerValue: null,
    });
    expect(
      await service.update(SYSTEM_CONTEXT, '3', rule.id, { triggerType: 'comment', triggerValue: 'price' }),
    ).toMatchObject({ triggerValue: 'price' });
    expect(await service.update(SYSTEM_CONTEXT, '3', rule.id, { triggerType: 'story_reply' })).toMatchObject({
      triggerValue: null,
    });
    await expect(service.update(SYSTEM_CONTEXT, '3', rule.id, { triggerType: 'exact' })).rejects.toMatchObject({
      kind: 'invalid',
    });
    expect(await service.get('3', rule.id)).toMatchObject({ triggerType: 'story_reply', triggerValue: null });
  });

  it('keeps what a rule answers with beside its text, and shows it only where it is set', async () => {
    const quickReplies = [
      { contentType: 'text', title: 'Hours 🕘', payload: 'HOURS' },
      { contentType: 'user_email' },
    ] as const;
    const media = { type: 'image', url: 'https://example.com/a.png' } as const;
    const made = await service.create(SYSTEM_CONTEXT, '5', fields({ quickReplies, media, typingSeconds: 3 }));
    expect(await service.get('5', made.id)).toEqual(made);
    expect(RuleResponse.from(made)).toMatchObject({ quickReplies, media, typingSeconds: 3 });
    const test = new TestRulesUseCase(transactions, rules, new RuleSets(rules));
    expect(TestRulesResponse.from(await test.execute('5', { text: 'hi' }))).toMatchObject({
      reply: 'Hello from shop5',
      quickReplies,
      media,
      typingSeconds: 3,
    });
    const buttons = [{ type: 'web_url', title: 'Look', url: 'https://example.com' }] as const;
    await expect(service.update(SYSTEM_CONTEXT, '5', made.id, { buttons })).rejects.toMatchObject({ kind: 'invalid' });
    const changed = await service.update(SYSTEM_CONTEXT, '5', made.id, {
      quickReplies: null,
      buttons,
      media: null,
      typingSeconds: 0,
    });
    expect(await service.get('5', made.id)).toEqual(changed);
    expect(Object.keys(RuleResponse.from(changed)).sort()).toEqual([...CONTRACT_FIELDS, 'buttons'].sort());
    const plain = await service.update(SYSTEM_CONTEXT, '5', made.id, { buttons: null });
    expect(Object.keys(RuleResponse.from(plain)).sort()).toEqual([...CONTRACT_FIELDS].sort());
    expect(Object.keys(TestRulesResponse.from(await test.execute('5', { text: 'hi' }))).sort()).toEqual([
      'matched',
      'reply',
      'rule',
      'trace',
    ]);
    await service.update(SYSTEM_CONTEXT, '5', made.id, { buttons: null, typingSeconds: 0 }); // changes nothing: no entry
    const entries: { action: string; changes: string }[] = await dataSource.query(
      'SELECT action, changes FROM audit_log WHERE account_id = ? AND target = ? ORDER BY id',
      ['5', `rule:${String(made.id)}`],
    );
    expect(entries.map((entry) => entry.action)).toEqual(['rule.create', 'rule.update', 'rule.update']);
    expect(JSON.parse(entries[1]?.changes ?? '')).toEqual({
      quickReplies: null,
      buttons,
      media: null,
      typingSeconds: null,
    });
  });

  it('tests an event of any kind, and says why nothing can answer it', async () => {
    const comment = await add('4', {
      triggerType: 'comment',
      triggerValue: 'price',
      responseTemplate: 'Hi {{ username }}: {{ match }}',
    });
    const useCase = new TestRulesUseCase(transactions, rules, new RuleSets(rules));
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

  it('audits each change with it, and refuses what would not work', async () => {
    const rule = await service.create(SYSTEM_CONTEXT, '2', fields({ name: ' Greeting ' }));
    await service.update(SYSTEM_CONTEXT, '2', rule.id, { priority: 5 });
    await service.update(SYSTEM_CONTEXT, '2', rule.id, { priority: 5 }); // changes nothing: no entry
    await expect(service.update(SYSTEM_CONTEXT, '2', rule.id, { triggerType: 'exact' })).rejects.toMatchObject({
      kind: 'invalid',
    });
    expect(await service.get('2', rule.id)).toMatchObject({ name: 'Greeting', priority: 5, triggerType: 'any' });
    await expect(service.delete(SYSTEM_CONTEXT, '1', rule.id)).rejects.toMatchObject({ kind: 'not_found' });
    await service.delete(SYSTEM_CONTEXT, '2', rule.id);
    await expect(service.get('2', rule.id)).rejects.toMatchObject({ kind: 'not_found' });
    await expect(service.create(SYSTEM_CONTEXT, '9', fields())).rejects.toMatchObject({ kind: 'not_found' });
    await expect(service.list('9', 10, undefined)).rejects.toMatchObject({ kind: 'not_found' });
    const entries: { action: string; changes: string }[] = await dataSource.query(
      'SELECT action, changes FROM audit_log WHERE account_id = ? AND target = ? ORDER BY id',
      ['2', `rule:${String(rule.id)}`],
    );
    expect(entries.map((entry) => entry.action)).toEqual(['rule.create', 'rule.update', 'rule.delete']);
    expect(JSON.parse(entries[1]?.changes ?? '')).toEqual({ priority: 5 });
  });

  it('remembers the latest firing per conversation and rule', async () => {
    const key = { accountId: '1', conversationId: '1:7' };
    await transactions.run((tx) =>
      cooldowns.record(tx, [
        { ...key, ruleId: 1, firedAt: AT },
        { ...key, ruleId: 1, firedAt: later(5) },
        { ...key, ruleId: 2, firedAt: AT },
      ]),
    );
    await transactions.run((tx) =>
      cooldowns.record(tx, [
        { ...key, ruleId: 1, firedAt: AT },
        { ...key, ruleId: 2, firedAt: later(9) },
      ]),
    );
    const fired = await transactions.read((tx) =>
      cooldowns.findFired(tx, [key, { accountId: '2', conversationId: '1:7' }]),
    );
    expect(fired).toEqual(
      new Map([
        [
          '1:7',
          new Map([
            [1, later(5)],
            [2, later(9)],
          ]),
        ],
      ]),
    );
    expect(await transactions.read((tx) => cooldowns.findFired(tx, []))).toEqual(new Map());
  });
});
