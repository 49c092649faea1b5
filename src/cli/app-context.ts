import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { loadSettings, type AppSettings } from '../config/index.js';

export interface CommandContext {
  readonly app: INestApplicationContext;
  readonly settings: AppSettings;
}

/**
 * Runs a command inside the service's own modules: same environment, same database, nothing processed and nothing sent
 * by this process. The modules are loaded here, so that `--help` needs none of them.
 * @param checkCredentials false: the command is the cure for credentials that do not open
 */
export async function withApp<T>(
  work: (context: CommandContext) => Promise<T>,
  { checkCredentials = true }: { checkCredentials?: boolean } = {},
): Promise<T> {
  const settings = loadSettings();
  const { AppModule } = await import('../app.module.js');
  const { CredentialCheck } = await import('../accounts/index.js');
  const app = await NestFactory.createApplicationContext(AppModule.forRoot(settings, { workers: false }), {
    abortOnError: false,
    logger: false, // what goes wrong is thrown, and becomes one line
  });
  try {
    if (checkCredentials) await app.get(CredentialCheck, { strict: false }).run();
    return await work({ app, settings });
  } finally {
    await app.close();
  }
}
