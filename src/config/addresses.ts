import { isURL } from 'class-validator';

/** Hosts of a container network may hold underscores and have no dot. */
const ADDRESS = { require_tld: false, require_protocol: true, allow_underscores: true } as const;
const REDIS = { ...ADDRESS, protocols: ['redis', 'rediss'] };
const GRAPH = { ...ADDRESS, protocols: ['http', 'https'], disallow_auth: true, allow_query_components: false, allow_fragments: false };

/**
 * What the driver can use: it decodes user and password, and takes what follows the host for the number of a database, where
 * anything else is found out by Redis alone, at every connection, as if it were away.
 */
export function isRedisAddress(value: unknown): boolean {
  const url = typeof value === 'string' && isURL(value, REDIS) ? parsed(value) : null;
  return url !== null && decodes(url.username) && decodes(url.password) && /^\/?$|^\/\d{1,5}\/?$/.test(url.pathname);
}

export function isGraphAddress(value: unknown): boolean {
  return typeof value === 'string' && isURL(value, GRAPH) && parsed(value) !== null;
}

/** Every call carries an access token: in clear it may only go to a stand-in. Meta would answer with a redirect, which is not followed. */
export function isSafeForTokens(value: unknown): boolean {
  const url = typeof value === 'string' ? parsed(value) : null;
  return url?.protocol !== 'http:' || !META.test(url.hostname);
}

const META = /(?:^|\.)(?:instagram|facebook)\.com$/;

/** `/v26.0` at its end would stand twice in every address that is called. A stand-in's own path may end in another one. */
export function isWithoutVersion(value: unknown, { GRAPH_API_VERSION }: { readonly GRAPH_API_VERSION?: unknown }): boolean {
  if (typeof value !== 'string') return true;
  const end = /\/(v\d+\.\d+)\/*$/.exec(value)?.[1];
  return end === undefined || (end !== GRAPH_API_VERSION && !META.test(parsed(value)?.hostname ?? ''));
}

/** Null for what the validator takes and nobody can call: `https:host`, or a name that is no correct punycode. */
function parsed(address: string): URL | null {
  return /^[a-z]+:\/\//i.test(address) && URL.canParse(address) ? new URL(address) : null;
}

function decodes(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false; // a percent sign that encodes nothing
  }
}
