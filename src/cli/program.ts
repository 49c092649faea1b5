import { Command, CommanderError } from 'commander';
import { addAccountsCommands } from './accounts.command.js';
import { addApiKeysCommands } from './api-keys.command.js';
import { CommandError, oneLine } from './command-error.js';
import { addDatabaseCommands } from './database.command.js';
import { addKeysCommands } from './keys.command.js';
import { complain } from './output.js';
import { addSendCommand } from './send.command.js';
import { addSimulateCommand } from './simulate.command.js';

/** @returns the exit code: 0, or 1 after one line about the mistake */
export async function runCli(args: readonly string[]): Promise<number> {
  try {
    await buildProgram().parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has written its own line, or the help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
    complain(`error: ${oneLine(error)}`);
    return 1;
  }
}

export function buildProgram(): Command {
  const program = new Command('cli')
    .description(
      'The command line of the Instagram Direct server. It uses the same environment (and .env) as the service.',
    )
    // Inherited by the commands added below.
    .exitOverride()
    .showSuggestionAfterError(false);
  addSendCommand(program);
  addAccountsCommands(program);
  addApiKeysCommands(program);
  addKeysCommands(program);
  addDatabaseCommands(program);
  addSimulateCommand(program);
  for (const group of [program, ...program.commands.filter((command) => command.commands.length > 0)]) {
    group.helpCommand(false).allowExcessArguments().action(() => {
      refuse(group);
    });
  }
  return program;
}

/** In one line, where commander would print the whole help. */
function refuse(group: Command): never {
  const [stranger] = group.args;
  const names = group.commands.map((command) => command.name()).join(', ');
  throw new CommandError(stranger === undefined ? `say which command: ${names} (--help tells more)` : `unknown command '${stranger}'; there are: ${names}`);
}
