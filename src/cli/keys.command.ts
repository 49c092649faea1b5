import { InvalidArgumentError, type Command } from 'commander';
import { withApp } from './app-context.js';
import { CommandError } from './command-error.js';
import { print, remark } from './output.js';
import { progressOf } from './progress.js';

const NAMED = 5;

export function addKeysCommands(program: Command): void {
  const keys = program.command('keys').description('The keys that encrypt credentials');
  keys
    .command('rotate')
    .description(
      'Encrypts every credential anew with APP_SECRET_KEY. Put the old key in APP_SECRET_KEY_PREVIOUS first. Broken off, it goes on where it stopped.',
    )
    .option('--batch-size <accounts>', 'how many accounts are committed at once', batchSize, 100)
    .option('--give-up', 'where a key is lost: its accounts stay, without their credentials, and each needs new ones (PATCH)', false)
    .action(rotate);
}

async function rotate(options: { batchSize: number; giveUp: boolean }): Promise<void> {
  await withApp(
    async ({ app }) => {
      const { RotateCredentialsUseCase } = await import('../accounts/index.js');
      const progress = progressOf('Encrypting', 'accounts');
      const { rotated, failed, damaged, givenUp, locked, remaining } = await app
        .get(RotateCredentialsUseCase, { strict: false })
        .execute({ ...options, onProgress: progress.show })
        .finally(progress.end);
      const summary = `Encrypted with the newest key: ${String(rotated)} accounts. Still under another: ${String(remaining)}.`;
      // Before whatever else went wrong: this has been done.
      if (givenUp.length > 0) remark(`Given up: ${named(givenUp)}. PATCH each with a new accessToken, appSecret and webhookVerifyToken.`);
      if (failed.length + locked.length > 0) throw new CommandError(`${cureOf(failed, damaged, locked)} ${summary}`);
      if (remaining > 0) {
        throw new CommandError(
          `An instance that still runs with the old key has written meanwhile: restart it with the new one and run this again. ${summary}`,
        );
      }
      // A process that was not given the new key finds everything in order, under the old one.
      if (rotated + givenUp.length === 0) {
        remark('Nothing to do: every account is under the APP_SECRET_KEY of this process. If you have just changed the key, this process has not got the new one.');
      }
      print(summary);
    },
    { checkCredentials: false },
  );
}

/** What is damaged opens with no key: whoever is told to look for one would never come to the end. */
export function cureOf(failed: readonly string[], damaged: readonly string[], locked: readonly string[]): string {
  const shut = failed.filter((id) => !damaged.includes(id));
  return [
    ...(shut.length === 0 ? [] : [`The credentials of ${named(shut)} do not open: add the key they were stored with to APP_SECRET_KEY_PREVIOUS and run this again.`]),
    ...(damaged.length === 0 ? [] : [`The credentials of ${named(damaged)} are damaged: PATCH each account with what its problems name, or delete it, and run this again.`]),
    ...(locked.length === 0 ? [] : [`The rows of ${named(locked)} are locked by another session of the database: end it and run this again.`]),
  ].join(' ');
}

function named(ids: readonly string[]): string {
  return `${ids.slice(0, NAMED).join(', ')}${ids.length > NAMED ? ` and ${String(ids.length - NAMED)} more` : ''}`;
}

function batchSize(text: string): number {
  const size = Number(text);
  if (!Number.isInteger(size) || size < 1 || size > 1000)
    throw new InvalidArgumentError('It must be a whole number from 1 to 1000.');
  return size;
}
