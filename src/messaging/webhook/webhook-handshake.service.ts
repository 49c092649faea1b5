import { Injectable } from '@nestjs/common';
import { AccountDirectory, AccountNotFoundError } from '../../accounts/index.js';
import { AppError } from '../../common/errors.js';
import { equalInConstantTime } from '../../crypto/index.js';
import { checking } from '../cannot-check.js';

const ACCOUNT_ID = /^\d{1,50}$/;

/** Meta asks, before it delivers anything, whether this address knows the verify token. */
@Injectable()
export class WebhookHandshakeService {
  constructor(private readonly accounts: AccountDirectory) {}

  /** The challenge to answer with. `accountId` null: any account's token will do. */
  async answer(accountId: string | null, query: Readonly<Record<string, unknown>>): Promise<string> {
    const { 'hub.mode': mode, 'hub.verify_token': token, 'hub.challenge': challenge } = query;
    const problems = [
      ...(mode === 'subscribe' ? [] : ['hub.mode must be "subscribe"']),
      ...(isGiven(token) ? [] : ['hub.verify_token is missing']),
      ...(isGiven(challenge) ? [] : ['hub.challenge is missing']),
    ];
    if (!isGiven(token) || !isGiven(challenge) || problems.length > 0) {
      throw new AppError('invalid', 'bad_handshake', 'Not a verification request', problems);
    }
    if (!(await this.matches(accountId, token))) {
      throw new AppError('forbidden', 'wrong_verify_token', 'hub.verify_token is not the one of this address');
    }
    return challenge;
  }

  private async matches(accountId: string | null, token: string): Promise<boolean> {
    if (accountId === null) return await this.accounts.matchesAnyVerifyToken(token);
    const expected = ACCOUNT_ID.test(accountId) ? await checking(this.accounts.verifyToken(accountId)) : null;
    if (expected === null) throw new AccountNotFoundError(accountId);
    return equalInConstantTime(expected, token);
  }
}

function isGiven(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
