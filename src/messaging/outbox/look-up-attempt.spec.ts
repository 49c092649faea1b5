import { describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { AccountDirectory } from '../../accounts/index.js';
import { SystemClock } from '../../common/clock.js';
import type { ConversationLookup } from '../graph/conversation-lookup.js';
import type { AccountNewsWriter } from './account-news.writer.js';
import { AccountPauses } from './account-pauses.js';
import { LookUpAttempt } from './look-up-attempt.js';
import type { ClaimedMessage } from './outbox-message.js';

describe('LookUpAttempt', () => {
  it('has no answer where the access token cannot be read, so that the send is given up in the end', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    const directory = { accessToken: () => Promise.reject(new Error('no key opens it')) } as unknown as AccountDirectory;
    const lookUp = new LookUpAttempt({} as ConversationLookup, directory, {} as AccountNewsWriter, new AccountPauses(), new SystemClock());
    const { result } = await lookUp.execute({ accountId: '1', conversationId: '1:2' } as ClaimedMessage, new Date());
    expect(result).toMatchObject({ kind: 'unanswered', reason: 'the access token could not be read', deadToken: false });
    expect(logged).toHaveBeenCalledTimes(1);
    logged.mockRestore();
  });
});
