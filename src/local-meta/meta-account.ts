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
}

export interface Person {
  readonly id: string;
  readonly username: string;
  readonly name: string | null;
}

/** The accounts, the tokens that open them, and the people who write to them. */
export class MetaDirectory {
  private readonly accounts = new Map<string, MetaAccount>();
  private readonly tokens = new Map<string, string>();
  private readonly people = new Map<string, Person>();
  private readonly subscribed = new Map<string, string[]>();

  addAccount(account: MetaAccount): void {
    this.accounts.set(account.id, account);
    this.tokens.set(account.accessToken, account.id);
  }

  account(id: string): MetaAccount | undefined {
    return this.accounts.get(id);
  }

  accountOfToken(token: string): MetaAccount | undefined {
    const id = this.tokens.get(token);
    return id === undefined ? undefined : this.accounts.get(id);
  }

  addToken(accountId: string, token: string): void {
    this.tokens.set(token, accountId);
  }

  /** From now on every call with this token answers error 190. */
  revokeToken(token: string): void {
    this.tokens.delete(token);
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

  subscribedFields(accountId: string): readonly string[] | undefined {
    return this.subscribed.get(accountId);
  }
}
