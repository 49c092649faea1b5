import { describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_CATALOGUE } from '../src/messaging/inbox/event-catalogue.js';
import { MOST_EVENTS } from '../src/messaging/inbox/parsing/delivery-size.js';
import { LARGEST_PAYLOAD } from '../src/messaging/inbox/parsing/webhook-payload.parser.js';
import { generatedParts, kindOf, withParts } from './support/events-doc.js';
import { loadFixtures } from './support/fixtures.js';

const DOCUMENT = join(import.meta.dirname, '../docs/events.md');
const fixtures = loadFixtures();
const events = fixtures.flatMap(({ expected }) => expected.events);

describe('docs/events.md', () => {
  /** `UPDATE_DOCS=1 npm run test:unit -- test/events-docs` writes it anew. */
  it('says what the code and the fixtures say', () => {
    const document = readFileSync(DOCUMENT, 'utf8');
    const expected = withParts(document, generatedParts(fixtures));
    if (process.env.UPDATE_DOCS === '1') writeFileSync(DOCUMENT, expected);
    else expect(document).toBe(expected);
  });

  it('says what is too much', () => {
    const document = readFileSync(DOCUMENT, 'utf8');
    expect(document).toContain(`One of more than ${String(MOST_EVENTS)} events is not split`);
    expect(document).toContain(`over ${String(LARGEST_PAYLOAD / 1024 / 1024)} MiB only the beginning`);
  });
});

describe('the catalogue of events', () => {
  const kinds = Object.entries(EVENT_CATALOGUE);

  it.each(kinds)('%s has a fixture, and is what the fixtures show of it', (kind, entry) => {
    expect(fixtures.filter((fixture) => kindOf(fixture) === kind)).not.toEqual([]);
    const seen = events.filter((event) => event.kind === kind);
    const applied = seen.filter((event) => (event.status ?? 'processed') === 'processed');
    expect({ applied: applied.length > 0 }).toEqual({ applied: entry.ignoredBecause === null });
    expect({ answered: seen.some((event) => event.answered === true) }).toEqual({ answered: entry.triggers.length > 0 });
  });

  it.each(kinds.flatMap(([kind, { exceptions }]) => exceptions.map((reason) => [kind, reason])))(
    'a fixture shows a %s without effect: %s', (kind, reason) => {
      const shown = events.filter((event) => event.kind === kind && event.status === 'ignored' && event.stopped !== undefined && reason.includes(event.stopped));
      expect(shown).not.toEqual([]);
    },
  );
});
