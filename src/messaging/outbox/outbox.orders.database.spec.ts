import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sent, textOf } from '../../../test/support/fake-sender.js';
import { ACCOUNT, OutboxBed } from '../../../test/support/outbox-bed.js';
import { newId } from '../../common/new-id.js';
import type { SendOutcome, SendRequest } from '../message-sender.port.js';

/** What becomes of one attempt at Meta's, and when we hear of it. */
interface Fate {
  readonly isDelivered: boolean;
  /** `lost`: a time-out, a reset, a 5xx. */
  readonly answer: 'given' | 'lost';
  /** Seconds until Meta's record shows it: less than the look-ups wait for. */
  readonly shownAfter: number;
  /** Seconds until its echo is delivered; null: never; 0: before the answer. */
  readonly echoAfter: number | null;
  /** Somebody at the shop writes the same words with the phone, this long after it; null: nobody. */
  readonly personAfter: number | null;
}

interface AtMeta {
  readonly id: string;
  readonly text: string;
  readonly at: Date;
  readonly shownAt: number;
  readonly echoAt: number | null;
  readonly isOurs: boolean;
}

/** A conversation as Meta sees it; everything that happens follows from the fates. */
class FakeMeta {
  readonly messages: AtMeta[] = [];
  private readonly echoed = new Set<string>();

  constructor(
    private readonly bed: OutboxBed,
    private readonly person: string,
    private readonly fates: readonly Fate[],
  ) {
    bed.sender.answer = (request) => this.take(request);
    bed.record = () => {
      const now = bed.clock.now().getTime();
      const visible = this.messages.filter(({ shownAt }) => shownAt <= now).toReversed();
      return {
        messages: [
          ...visible.map(({ id, text, at }) => ({ id, fromId: ACCOUNT, text, hasAttachments: false, createdAt: wholeSeconds(at) })),
          { id: `hello of ${person}`, fromId: person, text: 'hello', hasAttachments: false, createdAt: new Date(0) },
        ],
        isComplete: true, clockAheadMs: 0,
      };
    };
  }

  private calls = 0;

  private async take(request: SendRequest): Promise<SendOutcome> {
    const fate = this.fates[this.calls++ % this.fates.length]!;
    const text = textOf(request);
    const mid = fate.isDelivered ? this.add(text, 0, fate.shownAfter, fate.echoAfter, true) : null;
    if (fate.personAfter !== null) this.add(text, fate.personAfter, 0, fate.personAfter, false);
    await this.deliverEchoes();
    return fate.answer === 'given' && mid !== null ? sent(mid) : { kind: 'unknown', reason: 'the call broke off' };
  }

  private add(text: string, after: number, shownAfter: number, echoAfter: number | null, isOurs: boolean): string {
    const now = this.bed.clock.now().getTime();
    const id = newId();
    this.messages.push({
      id, text, at: new Date(now + after * 1000), shownAt: now + shownAfter * 1000, echoAt: echoAfter === null ? null : now + echoAfter * 1000, isOurs,
    });
    return id;
  }

  /** What is due, one delivery each; what matches nothing is recorded as a person's, as the inbox does it. */
  async deliverEchoes(): Promise<void> {
    const now = this.bed.clock.now().getTime();
    for (const { id, text, at } of this.messages.filter((one) => one.echoAt !== null && one.echoAt <= now && !this.echoed.has(one.id))) {
      this.echoed.add(id);
      const matches = await this.bed.matchEchoes([this.bed.echo(this.person, id, text, at)]);
      if (matches.find(ACCOUNT, id) !== undefined) continue;
      await this.bed.recordMessage(this.person, id, { direction: 'outbound', status: 'sent', text });
    }
  }
}

const wholeSeconds = (at: Date) => new Date(Math.floor(at.getTime() / 1000) * 1000);

describe('equal texts in a row, whatever is lost and in whatever order it comes', () => {
  let bed: OutboxBed;
  let people = 0;

  beforeAll(async () => {
    bed = await OutboxBed.open();
  });

  afterAll(async () => {
    await bed.close();
  });

  /** Until nothing is unsettled and every echo has come. */
  async function play(texts: readonly string[], fates: readonly Fate[]) {
    const person = String(++people);
    const meta = new FakeMeta(bed, person, fates);
    await bed.recordMessage(person, `hello of ${person}`, { text: 'hello' });
    bed.clock.pass(1);
    const ids = await bed.queue(person, texts);
    for (let seconds = 0; seconds < 400 && (await bed.waiting()).length > 0; seconds += 2) {
      await bed.send();
      bed.clock.pass(2);
      await meta.deliverEchoes();
      await bed.settle.execute(ACCOUNT);
    }
    bed.clock.pass(60);
    await meta.deliverEchoes();
    const outbound = (await bed.inConversation(person)).toReversed().filter((one) => one.direction === 'outbound');
    return { meta, outbound, ours: ids.map((id) => outbound.find((one) => one.id === id)!) };
  }

  const texts = fc.array(fc.constantFrom('same', 'same', 'other'), { minLength: 1, maxLength: 4 });
  const fate = fc.record({
    isDelivered: fc.boolean(), answer: fc.constantFrom<Fate['answer']>('given', 'lost'), shownAfter: fc.integer({ min: 0, max: 9 }),
    echoAfter: fc.option(fc.integer({ min: 0, max: 40 })), personAfter: fc.constant(null),
  });
  /** The last try of each goes well, or it would rightly be given up in the end. */
  const fates = fc.array(fate, { minLength: 1, maxLength: 4 }).map((some): Fate[] => [
    ...some, { isDelivered: true, answer: 'given', shownAfter: 0, echoAfter: 3, personAfter: null },
  ]);

  it('each goes out exactly once, in order, and each has the id Instagram gave it', async () => {
    await fc.assert(fc.asyncProperty(texts, fates, async (said, become) => {
      const { meta, outbound, ours } = await play(said, become);
      expect(meta.messages.map(({ text }) => text)).toEqual(said);
      expect(ours.map(({ status, externalId }) => [status, externalId])).toEqual(meta.messages.map(({ id }) => ['sent', id]));
      expect(outbound).toHaveLength(said.length);
    }), { numRuns: 40 });
  });

  it('with a person who writes the same, nothing is lost or shown twice', async () => {
    const withPerson = fc.array(
      fc.tuple(fate, fc.option(fc.integer({ min: 0, max: 20 }))).map(([one, personAfter]) => ({ ...one, personAfter })), { minLength: 1, maxLength: 3 },
    ).map((some): Fate[] => [...some, { isDelivered: true, answer: 'given', shownAfter: 0, echoAfter: 3, personAfter: null }]);
    await fc.assert(fc.asyncProperty(texts, withPerson, async (said, become) => {
      const { meta, outbound, ours } = await play(said, become);
      expect(ours.map(({ status }) => status)).toEqual(said.map(() => 'sent'));
      // Never more of ours than were to be sent; each message at Meta's is one message here, under its id.
      expect(meta.messages.filter(({ isOurs }) => isOurs).length).toBeLessThanOrEqual(said.length);
      const mids = outbound.map(({ externalId }) => externalId);
      expect(new Set(mids).size).toBe(mids.length);
      expect(mids.every((mid) => meta.messages.some(({ id }) => id === mid))).toBe(true);
    }), { numRuns: 40 });
  });
});
