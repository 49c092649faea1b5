import { InvalidArgumentError, Option, type Command } from 'commander';
import { CLI_CONTEXT, ROLES, type Role } from '../common/request-context.js';
import { withApp } from './app-context.js';
import { findAccount } from './find-account.js';
import { print, remark } from './output.js';

interface CreateOptions {
  readonly name: string;
  readonly role: Role;
  readonly account?: readonly string[];
}

export function addApiKeysCommands(program: Command): void {
  const apiKeys = program.command('api-keys').description('Keys of the management API');
  apiKeys
    .command('create')
    .description('Makes an API key and prints it, this once. Only the key goes to stdout.')
    .requiredOption('--name <name>', 'what the key is for; stands in the audit trail', keyName)
    .addOption(
      new Option('--role <role>', 'admin: everything; operator: its accounts; viewer: reads')
        .choices(ROLES)
        .makeOptionMandatory(),
    )
    .option('--account <id or username...>', 'only these accounts; without it every account')
    .action(create);
}

async function create(options: CreateOptions): Promise<void> {
  await withApp(async ({ app }) => {
    const { ApiKeysService } = await import('../auth/index.js');
    const accounts = await Promise.all((options.account ?? []).map((given) => findAccount(app, given)));
    const created = await app.get(ApiKeysService, { strict: false }).create(CLI_CONTEXT, {
      name: options.name,
      role: options.role,
      accountIds: options.account ? accounts.map((account) => account.id) : null,
    });
    remark(
      `API key "${options.name}" (${options.role}, ${options.account ? accounts.map((a) => a.username).join(', ') : 'every account'}):`,
    );
    print(created.key);
  });
}

function keyName(text: string): string {
  const name = text.trim();
  if (!/^\S(.{0,98}\S)?$/u.test(name)) throw new InvalidArgumentError('It must be one line of 1 to 100 characters.');
  return name;
}
