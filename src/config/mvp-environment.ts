import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

/** What the old single-account server kept in its environment. */
export interface MvpEnvironment {
  readonly verifyToken: string;
  readonly appSecret: string;
  readonly accessToken: string;
}

export class MvpEnvironmentError extends Error {
  constructor(missing: readonly string[]) {
    super(
      `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not set: run this with the old server's environment, or give its file with --env-file.`,
    );
    this.name = 'MvpEnvironmentError';
  }
}

/** @param file the old server's `.env`; without it the environment of this process is read */
export function loadMvpEnvironment(file?: string): MvpEnvironment {
  const source: Record<string, string | undefined> =
    file === undefined ? process.env : parseEnv(readFileSync(file, 'utf8'));
  const missing: string[] = [];
  const read = (name: string): string => {
    const value = source[name]?.trim() ?? '';
    if (value === '') missing.push(name);
    return value;
  };
  const environment = {
    verifyToken: read('FACEBOOK_VERIFY_TOKEN'),
    appSecret: read('FACEBOOK_APP_SECRET'),
    accessToken: read('INSTAGRAM_PAGE_ACCESS_TOKEN'),
  };
  if (missing.length > 0) throw new MvpEnvironmentError(missing);
  return environment;
}
