import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomInt } from 'node:crypto';
import { newIgsid, newMid, sameMidInOtherCase } from '../../src/local-meta/index.js';

/** One delivery as Meta sends it, and what must come of it. See fixtures/deliveries/README.md. */
export interface Fixture {
  readonly name: string;
  /** The bytes, but for the ids and times a player puts in. */
  readonly body: string;
  readonly expected: Expected;
}

export interface Expected {
  /** In one line, what it is and what must come of it. */
  readonly shows: string;
  /** Fixtures that are delivered before it, with the same ids. */
  readonly after?: readonly string[];
  /** It needs an account of its own; these are its fields. */
  readonly account?: Readonly<Record<string, unknown>>;
  /** It needs an account of its own because nothing in its events tells them from others'. */
  readonly alone?: boolean;
  /** In the order in which they arrive. */
  readonly events: readonly ExpectedEvent[];
  /** By `account:person`; a conversation that is not named must not exist. */
  readonly conversations: Readonly<Record<string, ExpectedConversation>>;
  readonly sent: readonly ExpectedSend[];
  readonly unrouted?: readonly { readonly kind: string; readonly reason: string }[];
}

export interface ExpectedEvent {
  readonly kind: string;
  /** Default `processed`. */
  readonly status?: string;
  /** A reply was queued. Default false. */
  readonly answered?: boolean;
  /** Words of the reason why not. */
  readonly stopped?: string;
  readonly occurredAt?: string;
  /** Default: the first account. */
  readonly account?: string;
}

export interface ExpectedConversation {
  readonly messages: readonly Readonly<Record<string, unknown>>[];
  /** Whatever else is said of it. */
  readonly [field: string]: unknown;
}

export interface ExpectedSend {
  readonly to: string;
  readonly text: string;
  /** The comment it is a private reply to. */
  readonly comment?: string;
  readonly account?: string;
}

/** The accounts that fixtures name. The first two belong to the app that signs. */
export const FIXTURE_ACCOUNTS = {
  shop: '17841400000000001',
  sibling: '17841400000000002',
  otherApp: '17841400000000003',
  nobody: '17841400000000009',
} as const;

const FOLDER = join(import.meta.dirname, '../fixtures/deliveries');
const ENDING = '.expected.json';

export function loadFixtures(): Fixture[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(ENDING)).sort();
  return files.map((file) => {
    const name = file.slice(0, -ENDING.length);
    return {
      name,
      body: readFileSync(join(FOLDER, `${name}.json`), 'utf8').replace(/\n$/, ''),
      expected: JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Expected,
    };
  });
}

/** Deliveries of a fixture in the order in which they are played: those before it, and its own. */
export function deliveriesOf(fixture: Fixture, all: readonly Fixture[]): string[] {
  const before = (fixture.expected.after ?? []).map((name) => {
    const found = all.find((other) => other.name === name);
    if (!found) throw new Error(`${fixture.name} comes after ${name}, which is not there`);
    return found.body;
  });
  return [...before, fixture.body];
}

const PERSONS = /98765432100000\d\d/g;
const COMMENTS_AND_MEDIA = /\b17(?:88|90)0{11}\d\d\b/g;
const MIDS = /\b(?:mid|MID)-\d\b|\brandom_mid\b/g;
const MILLISECONDS = /\b1[67]\d{11}\b/g;
const SECONDS = /\b1[67]\d{8}\b/g;
const ISO_TIMES = /\b2023-11-\d\dT\d\d:\d\d:\d\d(\.\d{3})?(Z|\+0000)/g;
/** Where the times of fixtures begin. */
const FIXTURE_TIME = 1_700_000_000_000;

/** Puts real ids and times in the place of a fixture's: the same for all texts that one of these fills. */
export class Filling {
  private readonly given = new Map<string, string>();
  private readonly shift: number;

  /** `begin`: when the fixture's first event happens. */
  constructor(accounts: Readonly<Record<string, string>>, begin = new Date(Date.now() - 30_000)) {
    for (const [from, to] of Object.entries(accounts)) this.given.set(from, to);
    this.shift = Math.floor(begin.getTime() / 1000) * 1000 - FIXTURE_TIME;
  }

  fill(text: string): string {
    return this.fillIds(text)
      .replace(MILLISECONDS, (time) => String(Number(time) + this.shift))
      .replace(SECONDS, (time) => String(Number(time) + this.shift / 1000))
      .replace(ISO_TIMES, (time, milliseconds: string | undefined, zone: string) => {
        const at = new Date(Date.parse(time) + this.shift).toISOString();
        return (milliseconds === undefined ? at.slice(0, 19) : at.slice(0, 23)) + zone;
      });
  }

  expectation(expected: Expected): Expected {
    return JSON.parse(this.fill(JSON.stringify(expected))) as Expected;
  }

  /** Every id that was made for this fixture: what holds one of them is this fixture's. */
  get ids(): string[] {
    return [...this.given].filter(([from]) => !Object.values<string>(FIXTURE_ACCOUNTS).includes(from)).map(([, to]) => to);
  }

  private fillIds(text: string): string {
    const accounts = Object.values<string>(FIXTURE_ACCOUNTS);
    return text
      .replace(new RegExp(accounts.join('|'), 'g'), (id) => this.given.get(id) ?? id)
      .replace(PERSONS, (id) => this.give(id, newIgsid))
      .replace(COMMENTS_AND_MEDIA, (id) => this.give(id, newMediaId))
      // `MID-1` is `mid-1` but for the case of a letter.
      .replace(MIDS, (id) => this.give(id, () => (id.startsWith('MID') ? sameMidInOtherCase(this.give(id.toLowerCase(), newMid)) : newMid())));
  }

  private give(id: string, make: () => string): string {
    const known = this.given.get(id);
    if (known !== undefined) return known;
    const made = make();
    this.given.set(id, made);
    return made;
  }
}

/** Of comments and posts: 17 digits, beyond 2^53. */
function newMediaId(): string {
  return `18${String(randomInt(1e12)).padStart(12, '0')}${String(randomInt(1000)).padStart(3, '0')}`;
}
