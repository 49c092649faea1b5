import type { INestApplicationContext } from '@nestjs/common';
import type { Account } from '../accounts/index.js';
import { CommandError } from './command-error.js';

/** An account by its id or its username (with or without @). Usernames made of digits are found by id first. */
export async function findAccount(app: INestApplicationContext, given: string): Promise<Account> {
  const { AccountDirectory } = await import('../accounts/index.js');
  const directory = app.get(AccountDirectory, { strict: false });
  const byId = /^\d{1,50}$/.test(given) ? await directory.find(given) : null;
  const account = byId ?? (await directory.findByUsername(given.replace(/^@/, '')));
  if (!account) throw new CommandError(`There is no account ${given}.`);
  return account;
}
