import { Injectable } from '@nestjs/common';
import { AccountDirectory, CredentialsUnreadableError, type Account } from '../../accounts/index.js';
import { sha256 } from '../../crypto/index.js';
import type { SignatureProof } from '../message-receiver.port.js';
import type { DeliveryRecords, NewInboxEvent, NewUnroutedEvent } from './inbox-event.js';
import type { ParsedEntry } from './parsing/webhook-payload.parser.js';

/** An entry with this id is Meta's dashboard trying the address. */
export const TEST_BUTTON_ID = '0';
const ACCOUNT_ID = /^\d{1,50}$/;
const IDS_PER_LOOKUP = 500;

const REASONS = {
  object: 'the object of the delivery is not "instagram"',
  nobody: 'it names no account',
  test: "a test of Meta's dashboard (entry id 0)",
  unknown: 'no account has this id',
  several: 'it does not name one account alone',
  foreign: "it was not signed with the app secret of the account it names",
} as const;

export interface RoutedDelivery {
  readonly records: DeliveryRecords;
  /** It holds entries of an account whose secret does not open, so that nobody can say whose they are: why. They are not among the records. */
  readonly unreadable: Error | null;
}

/**
 * Whose events these are. An entry belongs to the account of its `entry.id`, and only if that account's own app secret
 * made the signature: whatever address it came to, no app can write to another's account.
 */
@Injectable()
export class EventRouter {
  constructor(private readonly accounts: AccountDirectory) {}

  async route(entries: readonly ParsedEntry[], proof: SignatureProof, receivedAt: Date): Promise<RoutedDelivery> {
    const { signed, unreadable } = await this.findSigned(entries.map((entry) => entry.accountId ?? ''), proof);
    const events: NewInboxEvent[] = [];
    const unrouted: NewUnroutedEvent[] = [];
    for (const entry of entries) {
      const { accountId, time } = entry;
      if (accountId !== null && unreadable.has(accountId)) continue;
      const reason = whyUnrouted(entry, signed);
      for (const event of entry.events) {
        if (reason === null && accountId !== null) {
          events.push({ ...event, accountId, receivedAt });
        } else {
          unrouted.push({
            dedupeKey: sha256(accountId ?? '', time, event.dedupeKey),
            kind: event.kind,
            reason: [reason ?? REASONS.nobody, ...(entry.isWhole && event.ignoredBecause !== null ? [event.ignoredBecause] : [])].join('; '),
            occurredAt: event.occurredAt,
            receivedAt,
            payload: event.payload,
          });
        }
      }
    }
    const [cause = null] = unreadable.values();
    return { records: { events, unrouted }, unreadable: cause };
  }

  /**
   * What another instance has just made or changed may not be seen here yet, and an entry that is nobody's is never looked at
   * again: whoever is not known, or did not sign, is read anew before it is settled so. Somebody we know has signed the delivery,
   * which costs more by being stored; those of one look-up are enough.
   */
  private async findSigned(ids: readonly string[], proof: SignatureProof): Promise<Signers> {
    const named = [...new Set(ids)].filter((id) => ACCOUNT_ID.test(id) && id !== TEST_BUTTON_ID);
    const known = await this.lookUp(named, proof, (some) => this.accounts.findMany(some));
    const doubtful = named.filter((id) => known.signed.get(id) !== true && !known.unreadable.has(id)).slice(0, IDS_PER_LOOKUP);
    if (doubtful.length === 0) return known;
    const anew = await this.lookUp(doubtful, proof, (some) => this.accounts.findManyAnew(some));
    return { signed: new Map([...known.signed, ...anew.signed]), unreadable: new Map([...known.unreadable, ...anew.unreadable]) };
  }

  private async lookUp(
    ids: readonly string[], proof: SignatureProof, find: (some: readonly string[]) => Promise<Map<string, Account>>,
  ): Promise<Signers> {
    const signed = new Map<string, boolean>();
    const unreadable = new Map<string, Error>();
    for (let from = 0; from < ids.length; from += IDS_PER_LOOKUP) {
      const found = await find(ids.slice(from, from + IDS_PER_LOOKUP));
      for (const id of found.keys()) {
        try {
          const secret = await this.accounts.appSecret(id);
          signed.set(id, secret !== null && proof.wasMadeWith(secret));
        } catch (error) {
          if (!(error instanceof CredentialsUnreadableError)) throw error;
          unreadable.set(id, error);
        }
      }
    }
    return { signed, unreadable };
  }
}

interface Signers {
  /** Each account named that exists → whether its secret made the signature. */
  readonly signed: ReadonlyMap<string, boolean>;
  /** Those whose secret does not open, and why. */
  readonly unreadable: ReadonlyMap<string, Error>;
}

function whyUnrouted({ accountId, isInstagram, isWhole }: ParsedEntry, signed: ReadonlyMap<string, boolean>): string | null {
  if (!isInstagram) return REASONS.object;
  if (accountId === null) return isWhole ? REASONS.several : REASONS.nobody;
  if (accountId === TEST_BUTTON_ID) return REASONS.test;
  const made = signed.get(accountId);
  if (made === undefined) return REASONS.unknown;
  return made ? null : REASONS.foreign;
}
