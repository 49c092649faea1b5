import { existsSync } from 'node:fs';
import { parseEnvironment, type AppSettings } from './environment.js';

/** Reads `.env` (where there is one; real variables win) and the environment, once. The only reader of `process.env`. */
export function loadSettings(): AppSettings {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return parseEnvironment(process.env);
}
