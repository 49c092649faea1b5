import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../audit/index.js';
import { Clock } from '../common/clock.js';
import { decodeCursor, toPage, type Page } from '../common/pagination.js';
import { maySee, type Principal, type RequestContext } from '../common/request-context.js';
import { Dialect, TransactionRunner, type Tx } from '../database/index.js';
import type { AccountChanges, AccountDetails, NewAccount } from './account.js';
import type { AccountProblem } from './account-care.js';
import { AccountCareRepository } from './account-care.repository.js';
import { changesOf, createdFields } from './account-changes.js';
import { AccountCredentials, CREDENTIAL_NAMES, type CredentialName } from './account-credentials.js';
import { AccountDirectory } from './account-directory.js';
import type { AccountEntity } from './account.entity.js';
import { accountFrom, sendingPauseAt, settingsColumns } from './account.mapper.js';
import { AccountRepository } from './account.repository.js';
import {
  AccountBeingDeletedError, AccountExistsError, AccountNotFoundError, AccountOutOfReachError,
} from './accounts.errors.js';

/** Every change commits with its audit entry; no secret leaves but the verify token, which people must copy to Meta. */
@Injectable()
export class AccountsService {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly accounts: AccountRepository,
    private readonly care: AccountCareRepository,
    private readonly credentials: AccountCredentials,
    private readonly audit: AuditTrail,
    private readonly directory: AccountDirectory,
    private readonly dialect: Dialect,
    private readonly clock: Clock,
  ) {}

  /** Asks nothing of Graph: an account can be added while Meta is away. */
  async create(ctx: RequestContext, account: NewAccount): Promise<AccountDetails> {
    if (!maySee(ctx.principal, account.id)) throw new AccountOutOfReachError(account.id);
    try {
      return await this.transactions.run(async (tx) => {
        const former = await this.accounts.findEvenDeleted(tx, account.id);
        if (former) throw former.deletedAt ? new AccountBeingDeletedError(account.id) : new AccountExistsError(account.id);
        const row = this.newRow(account);
        await this.accounts.insert(tx, row);
        await this.care.insertAll(tx, row.id, row.createdAt);
        await this.record(tx, ctx, 'account.create', account.id, createdFields(row));
        return this.details(row);
      });
    } catch (error) {
      // Two at the same moment: the other one made it.
      if (this.dialect.isDuplicateKey(error)) throw new AccountExistsError(account.id);
      throw error;
    }
  }

  async get(accountId: string): Promise<AccountDetails> {
    return await this.transactions.read(async (tx) => {
      const row = await this.accounts.find(tx, accountId);
      if (!row) throw new AccountNotFoundError(accountId);
      return this.details(row, await this.care.listProblems(tx, [accountId]));
    });
  }

  /** Newest first, and only those the caller may see. */
  async list(principal: Principal, limit: number, cursor: string | undefined): Promise<Page<AccountDetails>> {
    const key = decodeCursor(cursor, ['number', 'string']);
    const before = key && { createdAt: new Date(key[0]), id: key[1] };
    const { rows, problems } = await this.transactions.read(async (tx) => {
      const found = await this.accounts.list(tx, { ids: principal.accountIds, before, limit: limit + 1 });
      return { rows: found, problems: await this.care.listProblems(tx, found.map((row) => row.id)) };
    });
    return toPage(rows, limit, (row) => this.details(row, problems), (row) => [row.createdAt.getTime(), row.id]);
  }

  async update(ctx: RequestContext, accountId: string, given: AccountChanges): Promise<AccountDetails> {
    return await this.transactions.run(async (tx) => {
      const row = await this.accounts.findForUpdate(tx, accountId);
      if (!row) throw new AccountNotFoundError(accountId);
      const plain = this.credentials.openEach(row);
      const { columns, credentials, restarted, audited } = changesOf(row, plain, given);
      if (Object.keys(audited).length === 0) return this.details(row, await this.care.listProblems(tx, [accountId]));
      const now = this.clock.now();
      const changes: Partial<AccountEntity> = {
        ...columns,
        // All three are sealed anew, so that the row goes on naming one key for all.
        ...(credentials ? this.credentials.seal(accountId, credentials) : {}),
        ...('accessToken' in audited ? { tokenStoredAt: now } : {}),
        ...(columns.status === 'active' ? { activeSince: now } : {}),
        updatedAt: now,
      };
      await this.accounts.update(tx, accountId, changes);
      await this.care.restart(tx, accountId, restarted, now);
      await this.record(tx, ctx, 'account.update', accountId, audited);
      return this.details(Object.assign(row, changes), await this.care.listProblems(tx, [accountId]));
    });
  }

  private newRow(account: NewAccount): AccountEntity {
    const now = this.clock.now();
    return {
      id: account.id,
      username: account.username,
      status: account.status ?? 'active',
      activeSince: null,
      ...this.credentials.seal(account.id, {
        accessToken: account.accessToken,
        appSecret: account.appSecret,
        webhookVerifyToken: account.webhookVerifyToken ?? this.credentials.newVerifyToken(),
      }),
      tokenExpiresAt: account.tokenExpiresAt ?? null,
      tokenStatus: 'unknown',
      tokenCheckedAt: null,
      tokenStoredAt: now,
      subscriptionUnmanaged: account.manageSubscription === false,
      sendingPausedUntil: null,
      sendingPausedReason: null,
      ...settingsColumns(account.settings),
      deletedAt: null,
      createdAt: now,
      updatedAt: now,
    };
  }

  private details(row: AccountEntity, problems: ReadonlyMap<string, AccountProblem[]> = new Map()): AccountDetails {
    const now = this.clock.now();
    const plain = this.credentials.openEach(row);
    const shut = CREDENTIAL_NAMES.filter((name) => plain[name] === undefined);
    return {
      ...accountFrom(row, now),
      sendingPause: sendingPauseAt(row, now),
      webhookVerifyToken: plain.webhookVerifyToken ?? null,
      problems: [...(shut.length === 0 ? [] : [doNotOpen(row, shut, this.credentials.knowsKeyOf(row))]), ...problemsOf(row, problems.get(row.id) ?? [])],
    };
  }

  private async record(tx: Tx, ctx: RequestContext, action: string, accountId: string, changes: Record<string, unknown>): Promise<void> {
    await this.audit.record(tx, ctx, { action, accountId, target: `account:${accountId}`, changes });
    tx.afterCommit(() => { this.directory.evict(accountId); });
  }
}

/** Keys were changed for a part of the instances only, or the row was damaged: one account must not hide the others. */
function doNotOpen({ updatedAt }: AccountEntity, names: readonly CredentialName[], isKeyKnown: boolean): AccountProblem {
  const what = `What is stored as ${names.join(', ')}`;
  const message = isKeyKnown
    ? `${what} is damaged, and cannot be used. PATCH the account with it.`
    : `${what} was stored with a key that this server does not have. Add that to APP_SECRET_KEY_PREVIOUS and start anew, or PATCH the account with it.`;
  return { about: 'credentials', message, since: updatedAt };
}

/** A send may have met the token's end before anybody looked after it. */
function problemsOf(row: AccountEntity, known: readonly AccountProblem[]): readonly AccountProblem[] {
  if (row.tokenStatus !== 'invalid' || known.some(({ about }) => about === 'token')) return known;
  const message = 'Instagram no longer accepts the access token. Verify the account to see why: its owner may only have to log in. Else generate a new one in Meta’s dashboard and PATCH the account with it.';
  return [{ about: 'token', message, since: row.tokenCheckedAt ?? row.updatedAt }, ...known];
}
