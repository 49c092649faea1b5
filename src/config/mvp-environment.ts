import { messageOf } from '../common/errors.js';
import { readEnvironment, readVariables, type Variables } from './environment-source.js';

/** What the old single-account server kept in its environment. */
export interface MvpEnvironment {
  readonly verifyToken: string;
  readonly appSecret: string;
  readonly accessToken: string;
}

export class MvpEnvironmentError extends Error {
  constructor(problems: readonly string[]) {
    super(`${problems.join(', ')}: run this with the old server's environment, or give its file with --from-file.`);
    this.name = 'MvpEnvironmentError';
  }
}

/** @param file the old server's `.env`; without it this server's own environment is read */
export function loadMvpEnvironment(file?: string): MvpEnvironment {
  const source: Variables = file === undefined ? readEnvironment() : readGiven(file);
  const problems: string[] = [];
  const read = (name: string, allowed = /./): string => {
    const value = source[name]?.trim() ?? '';
    if (value === '') problems.push(`${name} is not set`);
    else if (!allowed.test(value)) problems.push(`${name} must be printable ASCII without spaces`);
    return value;
  };
  const environment = {
    verifyToken: read('FACEBOOK_VERIFY_TOKEN'),
    appSecret: read('FACEBOOK_APP_SECRET', PRINTABLE),
    accessToken: read('INSTAGRAM_PAGE_ACCESS_TOKEN', PRINTABLE),
  };
  if (problems.length > 0) throw new MvpEnvironmentError(problems);
  return environment;
}

function readGiven(file: string): Variables {
  try {
    return readVariables(file);
  } catch (error) {
    // What the system says does not always name the file: of a folder it does not.
    throw new Error(`--from-file: ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** As the management API takes them: a token travels in a header. */
const PRINTABLE = /^[\x21-\x7e]+$/;
