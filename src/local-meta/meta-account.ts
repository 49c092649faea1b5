import { MetaToken, type TokenTimes } from './meta-token.js';

/** An Instagram professional account as the local Meta knows it. */
export interface MetaAccount {
  /** The professional account id: the one in `entry.id`. */
  readonly id: string;
  readonly username: string;
  readonly accessToken: string;
  readonly appSecret: string;
  /** Where its webhooks go; the echo of each send too. */
  readonly callbackUrl: string;
  /** `/me` calls the app-scoped id `id`, and the professional account id `user_id`. Default: derived from `id`. */
  readonly appScopedId?: string;
  /** When its token was issued and ends. Default: thirty days ago, and in thirty days. */
  readonly tokenTimes?: TokenTimes;
}

export interface Person {
  readonly id: string;
  readonly username: string;
  readonly name: string | null;
}

/** The accounts, the tokens that open them, and the people who write to them. */
export class MetaDirectory {
  private readonly accounts = new Map<string, MetaAccount>();
  private readonly tokens = new Map<string, MetaToken>();
  private readonly people = new Map<string, Person>();
  private readonly subscribed = new Map<string, string[]>();
  private readonly refusedFields = new Map<string, readonly string[]>();

  addAccount(account: MetaAccount): void {
    this.accounts.set(account.id, account);
    this.addToken(account.id, account.accessToken, account.tokenTimes);
  }

  account(id: string): MetaAccount | undefined {
    return this.accounts.get(id);
  }

  token(token: string): MetaToken | undefined {
    return this.tokens.get(token);
  }

  tokensOf(accountId: string): string[] {
    return [...this.tokens].filter(([, token]) => token.accountId === accountId).map(([text]) => text);
  }

  addToken(accountId: string, token: string, times?: TokenTimes): void {
    this.tokens.set(token, new MetaToken(accountId, times));
  }

  appScopedId(account: MetaAccount): string {
    return account.appScopedId ?? `2${account.id}`.slice(0, 17);
  }

  addPerson(accountId: string, person: Person): void {
    this.people.set(`${accountId}:${person.id}`, person);
  }

  /** Somebody who wrote gets a name, unless one was given. */
  meet(accountId: string, personId: string): void {
    const key = `${accountId}:${personId}`;
    if (this.people.has(key)) return;
    const digits = personId.slice(-6);
    this.people.set(key, { id: personId, username: `person_${digits}`, name: `Person ${digits}` });
  }

  person(accountId: string, personId: string): Person | undefined {
    return this.people.get(`${accountId}:${personId}`);
  }

  subscribe(accountId: string, fields: readonly string[]): void {
    this.subscribed.set(accountId, [...fields]);
  }

  unsubscribe(accountId: string): void {
    this.subscribed.delete(accountId);
  }

  /** The app lacks the permission for these: asking for one of them is refused as a whole. */
  refuseFields(accountId: string, fields: readonly string[]): void {
    this.refusedFields.set(accountId, fields);
  }

  refusesField(accountId: string, field: string): boolean {
    return this.refusedFields.get(accountId)?.includes(field) === true;
  }

  subscribedFields(accountId: string): readonly string[] | undefined {
    return this.subscribed.get(accountId);
  }
}
