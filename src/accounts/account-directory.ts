import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { messageOf } from '../common/errors.js';
import { OnceInAWhile } from '../common/once-in-a-while.js';
import { CredentialCipherError, equalInConstantTime } from '../crypto/index.js';
import { TransactionRunner } from '../database/index.js';
import type { Account } from './account.js';
import { AccountCache } from './account-cache.js';
import { AccountCredentials, verifyTokenHash, type CredentialName } from './account-credentials.js';
import type { AccountEntity } from './account.entity.js';
import { accountFrom } from './account.mapper.js';
import { AccountRepository } from './account.repository.js';
import { AppSecrets } from './app-secrets.js';
import { CredentialsUnreadableError, UsernameNotUniqueError } from './accounts.errors.js';

/** How long another instance's change may stay unseen here. */
const LIFETIME_MS = 1000;
const CAPACITY = 10_000;
/** Read together: one that is due brings along those that soon will be, so that a hundred busy accounts are not a hundred reads a second. */
const READ_TOGETHER = 100;
const ALL = 'all';
/** More are not tried for one delivery. */
const MOST_APPS = 1000;
const COMPLAIN_EVERY_MS = 60_000;

/**
 * Accounts and their credentials, for callers outside a transaction: webhooks and sends ask for the same few again and
 * again. Credentials in clear live here for a second at most, in memory only.
 */
@Injectable()
export class AccountDirectory {
  private readonly logger = new Logger('Credentials');
  private readonly complaints = new Map<string, OnceInAWhile>();
  private readonly rows = new AccountCache<Entry | null>(LIFETIME_MS, CAPACITY);
  private readonly secrets = new AccountCache<string[]>(LIFETIME_MS, 1);
  private readonly appSecrets: AppSecrets;

  constructor(
    private readonly transactions: TransactionRunner,
    private readonly accounts: AccountRepository,
    private readonly credentials: AccountCredentials,
    private readonly clock: Clock,
  ) {
    this.appSecrets = new AppSecrets(credentials);
  }

  async find(id: string): Promise<Account | null> {
    return this.toAccount(await this.entry(id));
  }

  /** Those that exist, by id. */
  async findMany(ids: Iterable<string>): Promise<Map<string, Account>> {
    const wanted = [...new Set(ids)];
    const missing = wanted.filter((id) => this.rows.get(id) === undefined);
    if (missing.length > 0) await this.load(missing);
    const entries = await Promise.all(wanted.map((id) => this.entry(id)));
    const accounts = entries.map((entry) => this.toAccount(entry)).filter((account) => account !== null);
    return new Map(accounts.map((account) => [account.id, account]));
  }

  /** The same as they are now: for what would be settled for good by something that may be a second old. A read, whoever else has just asked. */
  async findManyAnew(ids: Iterable<string>): Promise<Map<string, Account>> {
    const wanted = [...ids];
    for (const id of wanted) this.rows.delete(id);
    return await this.findMany(wanted);
  }

  /** @throws UsernameNotUniqueError when several accounts bear this name. */
  async findByUsername(username: string): Promise<Account | null> {
    const rows = await this.transactions.read((tx) => this.accounts.findByUsername(tx, username));
    if (rows.length > 1) throw new UsernameNotUniqueError(username);
    return rows[0] ? accountFrom(rows[0], this.clock.now()) : null;
  }

  appSecret(id: string): Promise<string | null> {
    return this.credential(id, 'appSecret');
  }

  accessToken(id: string): Promise<string | null> {
    return this.credential(id, 'accessToken');
  }

  verifyToken(id: string): Promise<string | null> {
    return this.credential(id, 'webhookVerifyToken');
  }

  /** For the handshake on the address that all accounts share. */
  async matchesAnyVerifyToken(token: string): Promise<boolean> {
    const rows = await this.transactions.read((tx) => this.accounts.findByVerifyTokenHash(tx, verifyTokenHash(token)));
    return rows.some((row) => {
      const stored = this.credentials.openOrNull(row, 'webhookVerifyToken');
      return stored !== null && equalInConstantTime(stored, token);
    });
  }

  /**
   * Each app secret that opens, once, of a thousand Meta apps at most. An unsigned request is enough to have this asked, so
   * it costs a small query a second, and opens one secret for each app, not one for each account.
   */
  async allAppSecrets(): Promise<string[]> {
    return await (this.secrets.get(ALL) ?? this.secrets.set(ALL, this.loadAppSecrets()));
  }

  /** The accounts of the same Meta app, as far as we can know: those that have the same app secret. This one among them. */
  async listOfSameApp(id: string): Promise<string[]> {
    const entry = await this.entry(id);
    if (!entry) return [];
    const secret = this.credentials.openOrNull(entry.row, 'appSecret');
    if (secret === null) return [id];
    const rows = await this.transactions.read((tx) => this.accounts.listAppSecrets(tx));
    return rows.filter((row) => row.id === id || this.credentials.openOrNull(row, 'appSecret') === secret).map((row) => row.id);
  }

  /** To be called after the commit of every change of an account. */
  evict(id: string): void {
    this.rows.delete(id);
    this.secrets.delete(ALL);
  }

  private entry(id: string): Promise<Entry | null> {
    const known = this.rows.get(id);
    if (known) return known;
    const loading = this.load([...new Set([id, ...this.rows.listAging(READ_TOGETHER)])]);
    return this.rows.get(id) ?? loading.then((found) => found.get(id) ?? null);
  }

  private load(ids: readonly string[]): Promise<Map<string, Entry>> {
    const load = this.transactions
      .read((tx) => this.accounts.findMany(tx, ids))
      .then((rows) => new Map(rows.map((row) => [row.id, new Entry(row)])));
    for (const id of ids) void this.rows.set(id, load.then((found) => found.get(id) ?? null)).catch(() => undefined);
    return load;
  }

  /** @throws CredentialsUnreadableError when it does not open */
  private async credential(id: string, name: CredentialName): Promise<string | null> {
    const entry = await this.entry(id);
    try {
      return entry ? entry.open(name, this.credentials) : null;
    } catch (error) {
      if (!(error instanceof CredentialCipherError)) throw error;
      this.complain(id, name, error);
      throw new CredentialsUnreadableError(id, error);
    }
  }

  private complain(accountId: string, name: CredentialName, error: Error): void {
    const complaint = this.complaints.get(accountId) ?? new OnceInAWhile(COMPLAIN_EVERY_MS);
    this.complaints.set(accountId, complaint);
    if (complaint.isDue()) this.logger.error({ msg: `Its ${name} does not open: ${messageOf(error)}`, accountId });
  }

  private toAccount(entry: Entry | null): Account | null {
    return entry && accountFrom(entry.row, this.clock.now());
  }

  private async loadAppSecrets(): Promise<string[]> {
    const rows = await this.transactions.read((tx) => this.accounts.listAppSecrets(tx));
    return this.appSecrets.openEachOnce(rows, MOST_APPS);
  }
}

/** A row, and what of its credentials was opened while it is remembered. */
class Entry {
  private readonly opened = new Map<CredentialName, string>();

  constructor(readonly row: AccountEntity) {}

  open(name: CredentialName, credentials: AccountCredentials): string {
    const known = this.opened.get(name);
    if (known !== undefined) return known;
    const plain = credentials.open(this.row, name);
    this.opened.set(name, plain);
    return plain;
  }
}
