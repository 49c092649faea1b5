import fc from 'fast-check';
import {
  commentChange, echoEvent, editEvent, linkReferralEvent, liveCommentChange, messageReplyEvent, postbackEvent, quickReplyEvent, reactionEvent,
  readEvent, referralEvent, sharedPostEvent, storyMentionEvent, storyReplyEvent, textEvent, unsendEvent, unsentEchoEvent, withoutPeople,
  attachmentEvent, type Change, type MessageAddress, type MessagingItem,
} from '../../src/local-meta/index.js';

/** One thing that happens, in the form in which Meta tells of it; told again, it is told alike. */
export type Happening = { readonly messaging: MessagingItem } | { readonly standby: MessagingItem } | { readonly changes: Change };

export interface Scene {
  readonly accountId: string;
  readonly persons: readonly string[];
  readonly start: Date;
  /** Also what rules answer by private replies. */
  readonly comments: boolean;
}

type Tell = (to: MessageAddress) => MessagingItem;

const MESSAGES = ['m0', 'm1', 'm2'] as const;
const ECHOES = ['e0', 'e1'] as const;
/** Also one that never comes. */
const MIDS = [...MESSAGES, ...ECHOES, 'never'] as const;
const POST = { id: '17880000000000001', url: 'https://www.instagram.com/p/x/' };

/** Each message comes once; what is said of it is fixed by its mid. */
const message: fc.Arbitrary<Tell> = fc.constantFrom<Tell>(
  (to) => textEvent(to, `text ${String(to.mid)}`),
  (to) => textEvent(to, 'stop'),
  (to) => textEvent(to, 'START'),
  (to) => quickReplyEvent(to, 'Yes', 'YES'),
  (to) => attachmentEvent(to, [{ type: 'image', payload: { url: 'https://example.com/i' } }], 'with a text'),
  (to) => sharedPostEvent(to, POST),
  (to) => storyMentionEvent(to, 'https://example.com/s'),
  (to) => storyReplyEvent(to, 'lovely', { id: '5', url: 'https://example.com/s' }),
  (to) => messageReplyEvent(to, 'that one', 'm0'),
  (to) => linkReferralEvent(to, undefined, 'spring'),
  (to) => postbackEvent(to, 'Get started', 'START'),
);
const echo: fc.Arbitrary<Tell> = fc.constantFrom<Tell>(
  (to) => echoEvent(to, { text: `typed ${String(to.mid)}` }),
  (to) => echoEvent(to, { attachments: [{ type: 'image', payload: { url: 'https://example.com/o' } }] }),
);

/** `once`: an edit has a number, and so happens once, at one time. */
interface Deed {
  readonly once?: string;
  readonly tell: Tell;
}

/** What happens to a message, or around it, any number of times. */
function deed(mids: fc.Arbitrary<string>): fc.Arbitrary<Deed> {
  const number = fc.constantFrom<number | string>(0, 1, 2, 3, '0', '1', '2');
  return fc.oneof(
    fc.tuple(mids, fc.boolean()).map(([mid, own]): Deed => ({ tell: (to) => (own ? unsentEchoEvent(to, mid) : unsendEvent(to, mid)) })),
    fc.tuple(mids, number, fc.boolean(), fc.boolean()).map(([mid, n, hasText, isNamed]): Deed => ({
      once: `${mid} ${String(n)} ${String(hasText)}`,
      tell: (to) => named(isNamed, editEvent(to, mid, hasText ? `edit ${String(n)} of ${mid}` : undefined, n)),
    })),
    fc.tuple(mids, fc.constantFrom('❤️', '👍', null)).map(([mid, emoji]): Deed => ({ tell: (to) => reactionEvent(to, mid, emoji) })),
    fc.tuple(mids, fc.boolean()).map(([mid, isNamed]): Deed => ({ tell: (to) => named(isNamed, readEvent(to, mid)) })),
    fc.constant<Deed>({ tell: (to) => referralEvent(to, 'spring') }),
    fc.constant<Deed>({ tell: (to) => postbackEvent({ ...to, mid: null }, 'Menu', 'MENU') }),
  );
}

function deeds(mids: fc.Arbitrary<string>): fc.Arbitrary<Tell[]> {
  return fc.array(deed(mids), { maxLength: 8 }).map((all) =>
    all.filter(({ once }, n) => once === undefined || all.findIndex((other) => other.once === once) === n).map(({ tell }) => tell));
}

function named(isNamed: boolean, item: MessagingItem): MessagingItem {
  return isNamed ? item : withoutPeople(item);
}

/** What happens between an account and some people, each thing of one conversation at a time of its own. */
export function happenings(scene: Scene): fc.Arbitrary<Happening[]> {
  return fc.tuple(...scene.persons.map((person, index) => toOne(scene, person, String(index)))).map((all) => all.flat());
}

function toOne({ accountId, start, comments }: Scene, person: string, mark: string): fc.Arbitrary<Happening[]> {
  const own = (mid: string) => `${mid}-of-${mark}`;
  const perhaps = (mid: string, what: fc.Arbitrary<Tell>) =>
    fc.option(what).map((tell) => (tell === null ? [] : [(to: MessageAddress) => tell({ ...to, mid: own(mid) })]));
  const told = fc.tuple(
    ...MESSAGES.map((mid) => perhaps(mid, message)),
    // Where comments are answered nobody may take over: what is answered then hangs on what came first.
    ...(comments ? [] : ECHOES.map((mid) => perhaps(mid, echo))),
    deeds(fc.constantFrom(...MIDS).map(own)),
    fc.array(fc.integer({ min: 0, max: 2 }).map((n) => commentOf(`c${String(n)}-of-${mark}`, person, n)), { maxLength: comments ? 3 : 0 }),
  );
  return told.map((all): (Tell | Change)[] => all.flat()).chain((all) => {
    const each = <T>(what: fc.Arbitrary<T>) => fc.array(what, { minLength: all.length, maxLength: all.length });
    const seconds = fc.shuffledSubarray(all.map((_, n) => n), { minLength: all.length });
    return fc.tuple(seconds, each(fc.nat(5))).map(([ago, chance]) => all.map((tell, n): Happening => {
      if (typeof tell !== 'function') return { changes: tell };
      const item = tell({ accountId, person, at: new Date(start.getTime() - 1000 * (1 + (ago[n] ?? 0))) });
      return chance[n] === 0 ? { standby: item } : { messaging: item };
    }));
  });
}

/** The same comment, in the words of both fields. */
function commentOf(id: string, person: string, n: number): Change {
  const comment = { id, from: { id: person, username: 'a.customer' }, text: 'price?' };
  return n === 2 ? liveCommentChange(comment) : commentChange(comment);
}

/** Deliveries, each with entries, and whether the inbox is worked on after it. */
export type Telling = readonly { readonly entries: readonly Happening[][]; readonly thenWork: boolean }[];

/** The same happenings told in any way: in any order, each once or more often, in any number of deliveries and entries. */
export function tellingOf(told: readonly Happening[]): fc.Arbitrary<Telling> {
  return fc.tuple(...told.map(() => fc.integer({ min: 1, max: 3 }))).chain((times) => {
    const all = told.flatMap((happening, n) => Array<Happening>(times[n] ?? 1).fill(happening));
    const marks = fc.array(fc.constantFrom('delivery', 'work', 'entry', 'none'), { minLength: all.length, maxLength: all.length });
    return fc.tuple(fc.shuffledSubarray(all.map((_, n) => n), { minLength: all.length }), marks).map(([order, cuts]) => {
      const deliveries: { entries: Happening[][]; thenWork: boolean }[] = [{ entries: [[]], thenWork: false }];
      order.forEach((n, place) => {
        const cut = place === 0 ? 'none' : cuts[place];
        const last = deliveries.at(-1);
        if (cut === 'delivery' || cut === 'work') {
          if (last) last.thenWork = cut === 'work';
          deliveries.push({ entries: [[]], thenWork: false });
        } else if (cut === 'entry') last?.entries.push([]);
        const happening = all[n];
        if (happening) deliveries.at(-1)?.entries.at(-1)?.push(happening);
      });
      return deliveries;
    });
  });
}
