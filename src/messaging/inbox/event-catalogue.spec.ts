import { describe, expect, it } from '@jest/globals';
import { TRIGGER_TYPES } from '../../rules/index.js';
import { EVENT_CATALOGUE, isApplied, whyKindIsIgnored } from './event-catalogue.js';

const entries = Object.entries(EVENT_CATALOGUE);

describe('the catalogue of events', () => {
  it('says of each kind how it looks and what becomes of it', () => {
    for (const [kind, entry] of entries) {
      expect(`${kind} ${String(entry.forms.length)} ${entry.stored}`).toMatch(/^\w+ [1-9] .{8,}/);
      expect(isApplied(kind)).toBe(entry.ignoredBecause === null);
      expect(entry.forms).toEqual([...new Set(entry.forms)]);
    }
  });

  it('gives what is ignored a reason, and neither rules nor a window', () => {
    const ignored = entries.filter(([, entry]) => entry.ignoredBecause !== null);
    expect(ignored.map(([kind]) => kind).sort()).toEqual(['change', 'handover', 'mention', 'optin', 'self', 'story_insights', 'unknown']);
    for (const [kind, entry] of ignored) expect([whyKindIsIgnored(kind), entry.triggers, entry.opensWindow]).toEqual([entry.ignoredBecause, [], false]);
  });

  it('has an event for every trigger', () => {
    expect(new Set(entries.flatMap(([, entry]) => entry.triggers))).toEqual(new Set(TRIGGER_TYPES));
  });

  it('knows what to say of a kind that another version stored', () => {
    for (const kind of ['tomorrows_kind', 'constructor', '__proto__', '']) {
      expect([isApplied(kind), whyKindIsIgnored(kind)]).toEqual([false, 'this server does not know this kind of event']);
    }
  });
});
