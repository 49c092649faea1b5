import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ACCOUNT, OutboxBed } from '../../../test/support/outbox-bed.js';
import { AuditTrail } from '../../audit/index.js';
import { AuditRepository } from '../../audit/audit.repository.js';
import { SYSTEM_CONTEXT } from '../../common/request-context.js';
import { PrivateReplies } from './private-replies.js';
import { PrivateReplyRepository } from './private-reply.repository.js';
import { RetryMessageUseCase } from './retry-message.usecase.js';

describe('RetryMessageUseCase', () => {
  let bed: OutboxBed;
  let retry: RetryMessageUseCase;

  beforeEach(async () => {
    bed = await OutboxBed.open();
    const { transactions, dialect } = bed.database;
    retry = new RetryMessageUseCase(
      transactions, bed.accounts, bed.conversations, bed.messages, bed.failures, new PrivateReplies(new PrivateReplyRepository(dialect), bed.messages),
      bed.outbox, new AuditTrail(new AuditRepository(dialect), bed.clock), bed.clock,
    );
  });

  afterEach(async () => {
    await bed.close();
  });

  const hoursFromNow = (hours: number) => new Date(bed.clock.now().getTime() + hours * 3_600_000);

  /** One whose outcome was never found out. */
  async function unknown(): Promise<string> {
    const [id] = await bed.queue('1', ['hello']);
    bed.sender.answer = () => ({ kind: 'unknown', reason: 'timeout' });
    bed.record = () => null;
    await bed.send();
    for (let minutes = 0; minutes < 20; minutes++) {
      bed.clock.pass(60);
      await bed.settle.execute(ACCOUNT);
    }
    await bed.setConversation('1', { windowClosesAt: hoursFromNow(1), lastInboundAt: hoursFromNow(-23) });
    expect((await bed.inConversation('1'))[0]).toMatchObject({ id, status: 'failed' });
    return id!;
  }

  it('does not send again what the customer may have, unless it is told so', async () => {
    const id = await unknown();
    await expect(retry.execute(SYSTEM_CONTEXT, ACCOUNT, id, false)).rejects.toThrow(/never found out.*force/);
    expect(await bed.waiting()).toEqual([]);
    expect(await retry.execute(SYSTEM_CONTEXT, ACCOUNT, id, true)).toMatchObject({ id, status: 'queued', error: null });
    bed.sender.answer = () => ({ kind: 'sent', messageId: 'mid.2', recipientId: '1' });
    await bed.send();
    expect(bed.sender.texts).toEqual(['hello', 'hello']);
    expect((await bed.inConversation('1'))[0]).toMatchObject({ id, status: 'sent', externalId: 'mid.2' });
  });

  it('says when what was to be sent is no longer kept', async () => {
    const id = await unknown();
    await bed.database.dataSource.query('DELETE FROM failed_sends');
    await expect(retry.execute(SYSTEM_CONTEXT, ACCOUNT, id, true)).rejects.toThrow(/too long ago/);
  });
});
