import { describe, expect, it } from '@jest/globals';
import { detailOf, FIELD_LISTS, isChange, lastSubscriptionOf, mustSubscribe, refusedOf, WANTED } from './subscription.policy.js';

const NOW = new Date('2026-03-01T10:00:00.000Z');
const HOUR = 60 * 60_000;
const CORE = ['messages', 'messaging_postbacks'];
const ago = (hours: number, fields: readonly string[] = WANTED) => ({ fields, at: new Date(NOW.getTime() - hours * HOUR) });

describe('the subscription policy', () => {
  it('asks under Instagram’s names, which are not a Page’s, and for less and less', () => {
    expect(WANTED).toEqual(expect.arrayContaining([...CORE, 'messaging_seen', 'message_reactions', 'messaging_referral', 'message_edit', 'comments']));
    for (const name of ['messaging_referrals', 'message_edits', 'messaging_reactions', 'message_echoes']) expect(WANTED).not.toContain(name);
    expect(FIELD_LISTS.at(-1)).toEqual(CORE);
    for (const [index, list] of FIELD_LISTS.slice(1).entries()) expect(list.every((field) => FIELD_LISTS[index]!.includes(field))).toBe(true);
  });

  it('repairs at once what keeps messages away', () => {
    expect(mustSubscribe([], null, NOW)).toBe(true);
    expect(mustSubscribe([], ago(0.1), NOW)).toBe(true);
    expect(mustSubscribe(['messages', 'comments'], ago(0.1), NOW)).toBe(true);
    expect(mustSubscribe(WANTED, null, NOW)).toBe(false);
    expect(mustSubscribe([...WANTED, 'follow'], ago(1000), NOW)).toBe(false);
  });

  it('asks for the rest once a day, since Meta may never list it', () => {
    expect(mustSubscribe(CORE, null, NOW)).toBe(true);
    expect(mustSubscribe(CORE, ago(23, CORE), NOW)).toBe(false);
    expect(mustSubscribe(CORE, ago(24, CORE), NOW)).toBe(true);
  });

  it('calls a change what people would want to read about', () => {
    expect(isChange([], ago(5), WANTED)).toBe(true);
    expect(isChange(CORE, ago(24, CORE), CORE)).toBe(false);
    expect(isChange(CORE, ago(24, CORE), WANTED)).toBe(true);
    expect(isChange(CORE, null, WANTED)).toBe(true);
  });

  it('remembers what was accepted, and says what was not', () => {
    const last = ago(3, CORE);
    expect(lastSubscriptionOf(detailOf(last))).toEqual(last);
    expect(lastSubscriptionOf(null)).toBeNull();
    expect(refusedOf(WANTED)).toEqual([]);
    expect(refusedOf(FIELD_LISTS[1]!)).toEqual(['comments', 'live_comments', 'mentions']);
  });
});
