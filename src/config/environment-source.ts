import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { InvalidEnvironmentError } from './environment.js';

export type Variables = Readonly<Record<string, string | undefined>>;

/** `.env` in the working directory, where there is one, and the environment over it. The only reader of `process.env`. */
export function readEnvironment(real: Variables = process.env, file = '.env'): Variables {
  // An empty variable counts as absent, so it does not hide the file's.
  const given = Object.entries(real).filter(([, value]) => value !== undefined && value.trim() !== '');
  return { ...readFile(file), ...Object.fromEntries(given) };
}

/** What axios looks for by itself, in the process alone. */
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]);

/** Lets a proxy that only `.env` names count like one of the real environment. */
export function exportProxies(variables: Variables, real: Record<string, string | undefined> = process.env): void {
  for (const name of PROXIES) if (variables[name] !== undefined) real[name] = variables[name];
}

/** A file of variables. Editors on Windows begin one with a mark that Node would take for a part of the first name. */
export function readVariables(file: string): Variables {
  return parseEnv(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
}

function readFile(file: string): Variables {
  if (!existsSync(file)) return {};
  try {
    return readVariables(file);
  } catch (error) {
    // A bind mount of a file that does not exist makes a folder of that name.
    throw new InvalidEnvironmentError([`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`]);
  }
}
