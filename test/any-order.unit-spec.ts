import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { happenings, tellingOf, type Happening, type Telling } from './support/happenings.js';
import { ACCOUNT, InboxBed, START } from './support/inbox-bed.js';

const PERSONS = ['9876543210000001', '9876543210000003'];
/** Meta promises no order, and neither once nor together; what is stored in the end must be the same all the same. */
const RUNS = Number(process.env.PROPERTY_RUNS ?? 80);

describe('whatever the order, and however often', () => {
  let bed: InboxBed;
  beforeAll(async () => {
    bed = await InboxBed.open();
    // Thousands of commits, and none that a power failure may not undo.
    await bed.query('PRAGMA synchronous = OFF');
  });
  afterAll(async () => {
    await bed.db.close();
  });

  const TABLES = ['outbox_messages', 'messages', 'early_changes', 'rule_cooldowns', 'conversations', 'webhook_events'];

  async function work(): Promise<void> {
    const lanes = await bed.query<{ lane: number }>('SELECT DISTINCT pending_lane AS lane FROM webhook_events WHERE pending_lane IS NOT NULL');
    for (const { lane } of lanes) while ((await bed.processEvents.execute(lane)) === 'more');
  }

  /** What is ours alone (ids, positions, answers) left out. */
  async function stored() {
    const messages = await bed.query<Record<string, unknown> & { details: string | null }>(
      `SELECT conversation_id, direction, kind, text, attachments, external_id, external_key, status, reactions,
              details, read_at, edited_at, deleted_at, sent_at
       FROM messages WHERE external_key IS NOT NULL ORDER BY external_key`,
    );
    const waiting = await bed.query('SELECT external_key, kind, payload, occurred_at FROM early_changes ORDER BY external_key, dedupe_key');
    const conversations = await bed.query(
      `SELECT participant_id, last_inbound_at, window_closes_at, takeover_until, opted_out, consent_changed_at,
              message_count - (SELECT COUNT(*) FROM messages m WHERE m.conversation_id = c.id AND m.external_key IS NULL) AS told
       FROM conversations c ORDER BY id`,
    );
    const events = await bed.query('SELECT dedupe_key, kind FROM webhook_events ORDER BY dedupe_key');
    return { messages: messages.map((row) => ({ ...row, details: withoutElsewhere(row.details) })), waiting, conversations, events };
  }

  async function endOf(telling: Telling) {
    for (const table of TABLES) await bed.query(`DELETE FROM ${table}`);
    for (const { entries, thenWork } of telling) {
      for (const entry of entries) await bed.deliverEntry(formsOf(entry));
      if (thenWork) await work();
    }
    await work();
    const unsettled = await bed.query(`SELECT kind, status, error FROM webhook_events WHERE status NOT IN ('processed', 'ignored')`);
    expect(unsettled).toEqual([]);
    return await stored();
  }

  const scene = (comments: boolean) => happenings({ accountId: ACCOUNT, persons: PERSONS, start: new Date(START), comments });
  const property = (comments: boolean) =>
    fc.asyncProperty(scene(comments).chain((told) => fc.tuple(fc.constant(told), tellingOf(told))), async ([told, telling]) => {
      const expected = await endOf([{ entries: [[...told]], thenWork: true }]);
      expect(await endOf(telling)).toEqual(expected);
    });

  it('messages, conversations and what waits end the same', async () => {
    await bed.set({ opt_out_words: '["stop"]', opt_in_words: '["start"]' });
    await fc.assert(property(false), { numRuns: RUNS });
  }, 300_000);

  it('also where rules answer messages, reactions, links and comments', async () => {
    const rules = [{ trigger_type: 'any' }, { trigger_type: 'reaction' }, { trigger_type: 'referral' }, { trigger_type: 'comment', trigger_value: 'price' }];
    await bed.set({ opt_out_words: '[]', opt_in_words: '[]', max_automatic_turns: 1000 });
    for (const rule of rules) await bed.addRule(rule);
    await fc.assert(property(true), { numRuns: RUNS });
  }, 300_000);
});

function formsOf(told: readonly Happening[]): object {
  const of = (form: string) => told.flatMap((happening) => (form in happening ? [(happening as Record<string, unknown>)[form]] : []));
  return { messaging: of('messaging'), standby: of('standby'), changes: of('changes') };
}

/** What a message typed elsewhere changed in its conversation depends on what stood there then. */
function withoutElsewhere(details: string | null): unknown {
  if (details === null) return null;
  const { elsewhere: _, ...rest } = JSON.parse(details) as Record<string, unknown>;
  return rest;
}
