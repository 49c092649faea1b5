import { Command, CommanderError } from 'commander';
import { addAccountsCommands } from './accounts.command.js';
import { addApiKeysCommands } from './api-keys.command.js';
import { oneLine } from './command-error.js';
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
    .showSuggestionAfterError(false)
    .helpCommand(false);
  addSendCommand(program);
  addAccountsCommands(program);
  addApiKeysCommands(program);
  addKeysCommands(program);
  addSimulateCommand(program);
  return program;
}
