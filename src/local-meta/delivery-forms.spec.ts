import { describe, expect, it } from '@jest/globals';
import {
  arrayOf,
  changesEntryOf,
  commentChange,
  deliveryOf,
  editEvent,
  entryOf,
  flatEntryOf,
  postbackEvent,
  selfEvent,
  selfPostbackEvent,
  testButtonDelivery,
  textEvent,
  wireBytes,
  withCommentId,
  withNumericIds,
  withTimes,
  withoutPeople,
} from './index.js';

const ACCOUNT = '17841400000000001';
const PERSON = '9999999999999999';
const at = new Date(Date.UTC(2026, 10, 1, 12));
const to = { accountId: ACCOUNT, person: PERSON, at, mid: 'm1' };
const written = (body: unknown) => wireBytes(body).toString('utf8');

describe('what the local Meta delivers', () => {
  it('writes ids as numbers without losing a digit, and nothing else', () => {
    const delivery = deliveryOf(entryOf(ACCOUNT, [textEvent(to, '9999999999999999')], at));
    expect(written(withNumericIds(delivery))).toBe(
      '{"object":"instagram","entry":[{"id":17841400000000001,"time":1793534400000,"messaging":[' +
        '{"sender":{"id":9999999999999999},"recipient":{"id":17841400000000001},"timestamp":1793534400000,' +
        '"message":{"mid":"m1","text":"9999999999999999"}}]}]}',
    );
  });

  it('writes times in every unit', () => {
    const delivery = deliveryOf(entryOf(ACCOUNT, [textEvent(to, 'hi')], at));
    expect(written(withTimes(delivery, 'seconds'))).toContain('"timestamp":1793534400,');
    expect(written(withTimes(delivery, 'text'))).toContain('"timestamp":"1793534400000"');
    expect(written(withTimes(delivery, 'text of seconds'))).toContain('"timestamp":"1793534400"');
    expect(written(withTimes(delivery, 'iso'))).toContain('"time":"2026-11-01T12:00:00.000+0000"');
  });

  it('has changes in an array, flat, and with the id under its other name', () => {
    const change = commentChange({ id: 'c1', text: 'price?' });
    expect(changesEntryOf(ACCOUNT, [change], at)).toMatchObject({ time: 1793534400, changes: [{ field: 'comments' }] });
    expect(flatEntryOf(ACCOUNT, change, at)).toMatchObject({ id: ACCOUNT, field: 'comments', value: { id: 'c1' } });
    expect(withCommentId(change).value).toMatchObject({ comment_id: 'c1', text: 'price?' });
    expect(withCommentId(change).value).not.toHaveProperty('id');
  });

  it('leaves out what Meta leaves out', () => {
    expect(withoutPeople(editEvent(to, 'm1', undefined, 0))).toEqual({
      timestamp: at.getTime(),
      message_edit: { mid: 'm1', num_edit: 0 },
    });
    expect(written(postbackEvent({ ...to, mid: null }, 'Go', 'GO'))).not.toContain('mid');
  });

  it('marks what the account writes to itself where Meta does', () => {
    expect(selfEvent(to, 'hi')).toMatchObject({ sender: { id: ACCOUNT }, message: { is_echo: true, is_self: true } });
    expect(selfPostbackEvent(to, 'Go', 'GO')).toMatchObject({ is_self: true, postback: { title: 'Go' } });
  });

  it('has every form of the test button', () => {
    const [button, messaging, old] = (['changes', 'messaging', '2021'] as const).map((form) =>
      written(arrayOf(testButtonDelivery(at, form))),
    );
    expect(button).toContain('"changes":[{"field":"messages","value":{"sender":{"id":"12334"}');
    expect(messaging).toContain('"messaging":[{"sender":{"id":"12334"}');
    expect(old).toContain('"event_type":"TEXT"');
    for (const form of [button, messaging, old]) expect(form).toMatch(/^\[\{.*"id":"0"/);
  });
});
