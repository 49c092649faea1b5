import { readFileSync } from 'node:fs';
import type { MysqlSettings } from '../config/index.js';

const PEM = '-----BEGIN CERTIFICATE-----';

/** As mysql2 takes it; it adds to what it is given, so that each caller has its own. */
interface Tls {
  rejectUnauthorized: boolean;
  verifyIdentity: boolean;
  ca?: string;
}

/** Undefined: in clear. @throws where the authorities cannot be read */
export function tlsOf({ sslMode, sslCa }: MysqlSettings): Tls | undefined {
  if (sslMode === 'DISABLED') return undefined;
  return {
    rejectUnauthorized: sslMode !== 'REQUIRED',
    verifyIdentity: sslMode === 'VERIFY_IDENTITY',
    ...(sslCa === null ? {} : { ca: authorities(sslCa) }),
  };
}

function authorities(given: string): string {
  // A key that was put there by mistake is not taken for the name of a file, which an error would show.
  const text = given.includes('-----BEGIN') ? given : read(given);
  // Anything else is taken for no authority at all, and every certificate refused.
  if (!text.includes(PEM)) throw new Error('MYSQL_SSL_CA holds no certificate in PEM form');
  return text;
}

/** Without what Node says, and without the cause: both name the file, which may be something else that nobody should read. */
function read(file: string): string {
  let code = 'no code';
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    code = (error as NodeJS.ErrnoException).code ?? code;
  }
  throw new Error(`MYSQL_SSL_CA: the file cannot be read (${code})`);
}
