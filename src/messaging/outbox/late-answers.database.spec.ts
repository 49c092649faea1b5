import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sent } from '../../../test/support/fake-sender.js';
import { ACCOUNT, OutboxBed } from '../../../test/support/outbox-bed.js';
import { sha256 } from '../../crypto/index.js';
import type { SendOutcome } from '../message-sender.port.js';

const PASSING: SendOutcome = { kind: 'retry', retryAfterMs: 1_000, reason: 'x', code: '2' };

describe('an answer that comes when an echo has settled its send, on a database', () => {
  let bed: OutboxBed;

  beforeEach(async () => {
    bed = await OutboxBed.open();
  });

  afterEach(async () => {
    await bed.close();
  });

  const match = async (mid: string, at = bed.clock.now()) => (await bed.matchEchoes([bed.echo('1', mid, 'hello', at)])).find(ACCOUNT, mid);
  const shown = async () => (await bed.inConversation('1')).map(({ position, text, status, externalId }) => [position, text, status, externalId]);
  const BOTH = [[2, 'hello', 'sent', 'mid.ours'], [1, 'hello', 'sent', 'mid.other']];

  it('adds nothing where it was the echo of this very message', async () => {
    const [id] = await bed.queue('1', ['hello']);
    bed.sender.answer = async () => {
      expect(await match('mid.ours')).toBe(id);
      return sent('mid.ours');
    };
    await bed.send();
    expect(await shown()).toEqual([[1, 'hello', 'sent', 'mid.ours']]);
    expect((await bed.conversation('1'))?.messageCount).toBe(1);
  });

  it('tells of a second message where somebody has written the same words: its echo is no person’s', async () => {
    const [id] = await bed.queue('1', ['hello']);
    bed.sender.answer = async () => {
      expect(await match('mid.other')).toBe(id);
      return sent('mid.ours');
    };
    await bed.send();
    expect(await shown()).toEqual(BOTH);
    const [ours, other] = await bed.inConversation('1');
    expect(ours).toMatchObject({ direction: 'outbound', ruleId: other!.ruleId, details: null });
    expect(await match('mid.ours')).toBe(ours!.id);
    expect(await match('mid.other')).toBe(id);
    expect(await bed.conversation('1')).toMatchObject({ messageCount: 2, takeoverUntil: null });
  });

  it('or where an earlier call had delivered it although it was refused', async () => {
    const [id] = await bed.queue('1', ['hello']);
    const called = bed.clock.now();
    bed.sender.answer = async () => {
      if (bed.sender.calls.length === 1) return PASSING;
      expect(await match('mid.other', called)).toBe(id);
      return sent('mid.ours');
    };
    await bed.send();
    bed.clock.pass(2);
    await bed.send();
    expect(bed.sender.calls).toHaveLength(2);
    expect(await shown()).toEqual(BOTH);
    expect(await match('mid.ours')).toBe((await bed.inConversation('1'))[0]!.id);
  });

  it('applies to it what was done to it before it was known', async () => {
    await bed.queue('1', ['hello']);
    bed.sender.answer = async () => {
      await match('mid.other');
      const key = { accountId: ACCOUNT, externalKey: sha256('mid.ours') };
      await bed.database.transactions.run((tx) => bed.early.insertMany(
        tx, [{ ...key, dedupeKey: 'read', change: { kind: 'read', at: bed.clock.now() } }], bed.clock.now(),
      ));
      return sent('mid.ours');
    };
    await bed.send();
    expect((await bed.inConversation('1')).map(({ readAt }) => readAt)).toEqual([bed.clock.now(), null]);
  });

  it('takes back what its echo has done, which came before and was recorded as a person’s', async () => {
    await bed.queue('1', ['hello']);
    const until = new Date(bed.clock.now().getTime() + 30 * 60_000);
    const elsewhere = { pausedUntil: until.toISOString(), turns: 3, turnsSince: bed.clock.now().toISOString() };
    bed.sender.answer = async () => {
      await match('mid.other');
      await bed.recordMessage('1', 'mid.ours', { direction: 'outbound', status: 'sent', text: 'hello', details: { elsewhere } });
      await bed.setConversation('1', { takeoverUntil: until, automaticTurns: 0 });
      return sent('mid.ours');
    };
    await bed.send();
    expect(await shown()).toEqual(BOTH);
    expect((await bed.inConversation('1'))[0]?.details).toBeNull();
    expect(await bed.conversation('1')).toMatchObject({ takeoverUntil: null, automaticTurns: 3, automaticTurnsSince: bed.clock.now(), messageCount: 2 });
  });

  it('leaves alone what a person wrote beside it', async () => {
    await bed.queue('1', ['hello']);
    const until = new Date(bed.clock.now().getTime() + 30 * 60_000);
    bed.sender.answer = async () => {
      await match('mid.other');
      const elsewhere = { pausedUntil: until.toISOString(), turns: 0, turnsSince: null };
      await bed.recordMessage('1', 'mid.typed', { direction: 'outbound', status: 'sent', text: 'I am here', details: { elsewhere } });
      await bed.setConversation('1', { takeoverUntil: until });
      return sent('mid.ours');
    };
    await bed.send();
    expect((await shown()).map(([, text]) => text)).toEqual(['hello', 'I am here', 'hello']);
    expect(await bed.conversation('1')).toMatchObject({ takeoverUntil: until, messageCount: 3 });
  });

  it('makes no second message of one that was given up meanwhile', async () => {
    await bed.queue('1', ['hello']);
    const claim = await bed.claims.execute(ACCOUNT, 1);
    const [claimed] = claim.kind === 'claimed' ? claim.messages : [];
    await bed.lost.markAll(ACCOUNT);
    bed.record = () => null;
    for (let minutes = 0; minutes < 20; minutes++) {
      bed.clock.pass(60);
      await bed.settle.execute(ACCOUNT);
    }
    await bed.recorder.record({ claimed: claimed!, outcome: sent('mid.ours'), account: null, tokenHash: null, calledAt: bed.clock.now() });
    expect(await shown()).toEqual([[1, 'hello', 'failed', null]]);
  });
});
