import { Injectable } from '@nestjs/common';
import { AccountDirectory, CredentialsUnreadableError } from '../../accounts/index.js';
import { cannotCheck } from '../cannot-check.js';
import type { DeliverySignature } from './delivery-signature.js';
import { TEST_BUTTON_ID } from './event-router.js';
import { accountIdsIn } from './parsing/webhook-payload.parser.js';

/** Meta puts at most 1000 updates into a delivery; of one that names more accounts, no more are looked at. */
const MOST_NAMED = 1000;
/** What may be hashed for a body nobody has signed: of the largest, eight times; of an ordinary one, hundreds of times. */
const MOST_BYTES = 80 * 1024 * 1024;
/**
 * A thousand updates of the largest kind hold fewer than half. What holds more costs seconds to take apart, which nobody may
 * ask for who has signed nothing: any app's secret may have signed it then, as for the test button.
 */
const MOST_VALUES = 500_000;
const ACCOUNT_ID = /^\d{1,50}$/;
const IDS_PER_LOOKUP = 500;

/**
 * Whether somebody we know has signed a delivery to the address that all accounts share. The accounts it names say which
 * secrets to try: nothing else is read of it yet. For a signature that matches none, the number of secrets tried depends on
 * the body alone and not on which of the accounts exist, so that neither the answer nor its time tells. (But for an account
 * whose secret does not open: what names it is told to come again.)
 */
@Injectable()
export class SharedAddress {
  constructor(private readonly accounts: AccountDirectory) {}

  /** @throws AppError `unavailable` when one of the accounts it names may have signed it whose secret does not open, and nobody else has */
  async isSigned(rawBody: Buffer, signature: DeliverySignature): Promise<boolean> {
    if (!signature.isWellFormed) return false;
    const { named, isTest } = namedIn(rawBody);
    // The dashboard's test button names no account: it may be any app's.
    const anybodys = isTest ? await this.accounts.allAppSecrets() : [];
    const { found, unreadable } = await this.secretsOf(named);
    const secrets = [...new Set([...found, ...anybodys])];
    const tries = Math.min(Math.max(named.length, anybodys.length), mostTries(rawBody));
    for (let i = 0; i < tries; i++) {
      const secret = secrets[i];
      if (secret === undefined) signature.tryInVain();
      else if (signature.wasMadeWith(secret)) return true;
    }
    if (unreadable !== null) throw cannotCheck(unreadable);
    return false;
  }

  /** Of those that exist, in the order in which they are named. Accounts of one app share one secret, so these are few. */
  private async secretsOf(named: readonly string[]): Promise<{ found: string[]; unreadable: unknown }> {
    const secrets: string[] = [];
    let unreadable: unknown = null;
    for (let from = 0; from < named.length; from += IDS_PER_LOOKUP) {
      const ids = named.slice(from, from + IDS_PER_LOOKUP);
      const found = await this.accounts.findMany(ids);
      for (const id of ids) {
        const secret = found.has(id) ? await this.accounts.appSecret(id).catch((error: unknown) => {
          if (!(error instanceof CredentialsUnreadableError)) throw error;
          unreadable = error;
          return null;
        }) : null;
        if (secret !== null) secrets.push(secret);
      }
    }
    return { found: secrets, unreadable };
  }
}

/** The accounts to be looked at, each once, and whether it may be anybody's, as the test button's is. */
function namedIn(rawBody: Buffer): { named: string[]; isTest: boolean } {
  if (holdsTooMany(rawBody)) return { named: [], isTest: true };
  const named = new Set<string>();
  let isTest = false;
  try {
    for (const id of accountIdsIn(rawBody.toString('utf8'))) {
      if (id === TEST_BUTTON_ID) isTest = true;
      else if (named.size < MOST_NAMED && ACCOUNT_ID.test(id)) named.add(id);
    }
  } catch {
    // not JSON: it names nobody
  }
  return { named: [...named], isTest };
}

function mostTries(rawBody: Buffer): number {
  return Math.max(1, Math.min(MOST_NAMED, Math.floor(MOST_BYTES / Math.max(1, rawBody.length))));
}

/** Counts what separates and opens values, in texts as well: those that hold so much of it are no messages. */
function holdsTooMany(rawBody: Buffer): boolean {
  let values = 0;
  for (let at = 0; rawBody.length > MOST_VALUES && at < rawBody.length; at++) {
    const byte = rawBody[at];
    if (byte !== COMMA && byte !== BRACKET && byte !== BRACE) continue;
    values += 1;
    if (values > MOST_VALUES) return true;
  }
  return false;
}

const [COMMA, BRACKET, BRACE] = Buffer.from(',[{');
