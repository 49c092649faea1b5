import { InvalidArgumentError, type Command } from 'commander';
import { CLI_CONTEXT } from '../common/request-context.js';
import { loadMvpEnvironment } from '../config/index.js';
import { withApp } from './app-context.js';
import { print } from './output.js';

interface ImportEnvOptions {
  readonly id: string;
  readonly username: string;
  readonly fromFile?: string;
}

export function addAccountsCommands(program: Command): void {
  const accounts = program.command('accounts').description('Instagram accounts');
  accounts
    .command('import-env')
    .description(
      "Moves the old server's FACEBOOK_VERIFY_TOKEN, FACEBOOK_APP_SECRET and INSTAGRAM_PAGE_ACCESS_TOKEN into an account, encrypted.",
    )
    .requiredOption('--id <id>', 'the Instagram professional account id (entry.id of its webhooks)', accountId)
    .requiredOption('--username <name>', 'the Instagram username', username)
    // Not --env-file: Node takes an option of that name for itself, wherever it stands, and loads the whole file.
    .option('--from-file <path>', "the old server's .env; without it this environment is read")
    .action(importEnv);
}

async function importEnv(options: ImportEnvOptions): Promise<void> {
  const old = loadMvpEnvironment(options.fromFile);
  await withApp(async ({ app }) => {
    const { AccountsService, webhookPathOf } = await import('../accounts/index.js');
    const account = await app.get(AccountsService, { strict: false }).create(CLI_CONTEXT, {
      id: options.id,
      username: options.username,
      accessToken: old.accessToken,
      appSecret: old.appSecret,
      webhookVerifyToken: old.verifyToken,
    });
    print(`Account ${account.id} (${account.username}) is stored, its credentials encrypted.`);
    print(`Webhook address: ${webhookPathOf(account.id)} (the old address /webhooks/instagram works as well).`);
    print('When Meta delivers here, remove the three variables from the environment.');
  });
}

function accountId(text: string): string {
  if (!/^\d{1,50}$/.test(text)) throw new InvalidArgumentError('It must be 1 to 50 digits.');
  return text;
}

function username(text: string): string {
  const name = text.trim().replace(/^@/, '');
  if (!/^[^\s@](.{0,253}\S)?$/u.test(name)) throw new InvalidArgumentError('It must be one line of 1 to 255 characters.');
  return name;
}
