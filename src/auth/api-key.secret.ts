import { randomToken, sha256 } from '../crypto/index.js';

/** Recognisable, so that a scanner for leaked secrets can find it. */
const PREFIX = 'igd_';
const BYTES = 32;
const SHOWN = 10;

export function newApiKeySecret(): string {
  return PREFIX + randomToken(BYTES);
}

/** A fast hash is enough: the key holds 256 random bits, which no list of guesses contains. */
export function hashOfApiKey(key: string): string {
  return sha256('api_key', key);
}

export function shownPrefixOf(key: string): string {
  return key.slice(0, SHOWN);
}
