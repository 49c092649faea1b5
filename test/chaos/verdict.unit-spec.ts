import { describe, expect, it } from '@jest/globals';
import { judge } from './verdict.mjs';

const SAME = 'Thank you!';
const talk = (...replies: string[]) => ({
  accountId: '1',
  person: '2',
  written: replies.map((reply, index) => ({ mid: `in${String(index)}`, text: 'hi', replies: [reply], at: new Date(index), acknowledged: true })),
});
const accepted = (...texts: string[]) => texts.map((text, index) => ({ mid: `out${String(index)}`, text }));
/** The conversation's records: what was written, then its answers with the mids given. */
const records = (replies: readonly string[], mids: readonly (string | null)[], status = 'sent') => [
  ...replies.map((_, index) => ({
    id: `m${String(index)}`, direction: 'inbound' as const, text: 'hi', externalId: `in${String(index)}`, ruleId: null, status: 'received', error: null,
  })),
  ...mids.map((mid, index) => ({
    id: `r${String(index)}`, direction: 'outbound' as const, text: replies[index] ?? SAME, externalId: mid, ruleId: 7,
    status: mid === null ? status : 'sent', error: null,
  })),
];
const kinds = ({ problems }: ReturnType<typeof judge>) => problems.map(({ kind, ids }) => [kind, ...ids]);

describe('the verdict on a conversation', () => {
  const three = [SAME, 'another', SAME];

  it('finds nothing wrong where each message was answered once, in order', () => {
    const verdict = judge(talk(...three), accepted(...three), records(three, ['out0', 'out1', 'out2']));
    expect(verdict).toEqual({ answered: 3, problems: [] });
  });

  it('names a duplicate by the mid that nobody recorded, also among equal texts', () => {
    const verdict = judge(talk(SAME, SAME), accepted(SAME, SAME, SAME), records([SAME, SAME], ['out0', 'out2']));
    expect(verdict.answered).toBe(2);
    expect(kinds(verdict)).toEqual([['duplicate', 'out1'], ['record', 'out1']]);
  });

  it('names what was lost, with how its reply stands', () => {
    const verdict = judge(talk(...three), accepted(SAME, SAME), records(three, ['out0', null, 'out1'], 'failed'));
    expect(verdict.answered).toBe(2);
    expect(kinds(verdict)).toEqual([['lost', 'in1'], ['record', 'r1']]);
    const halves = { ...talk(SAME), written: [{ ...talk(SAME).written[0]!, replies: [SAME, SAME] }] };
    expect(judge(halves, accepted(SAME), records([SAME], ['out0']))).toMatchObject({ answered: 0, problems: [{ kind: 'lost', ids: ['in0'] }] });
    expect(verdict.problems[0]!.what).toContain('stands as failed');
  });

  it('sees answers in the wrong order, by content and by record', () => {
    const byContent = judge(talk('a', 'b'), accepted('b', 'a'), records(['a', 'b'], ['out1', 'out0']));
    expect(byContent.problems.map(({ kind }) => kind)).toEqual(['order', 'order', 'order']);
    const equal = judge(talk(SAME, SAME), accepted(SAME, SAME), records([SAME, SAME], ['out1', 'out0']));
    expect(kinds(equal)).toEqual([['order', 'r1', 'out0']]);
  });

  it('sees an acknowledged message that is not recorded, and an echo of ours recorded as a person’s', () => {
    const missing = judge(talk(SAME), [], []);
    expect(kinds(missing)).toEqual([['lost', 'in0'], ['record']]);
    const typed = records([SAME], ['out0']).map((record) => ({ ...record, ruleId: null }));
    expect(kinds(judge(talk(SAME), accepted(SAME), typed))).toEqual([['record', 'r0', 'out0'], ['record', 'out0']]);
  });
});
