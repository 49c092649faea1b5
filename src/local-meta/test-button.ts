import { changesEntryOf, deliveryOf, entryOf, type Delivery } from './delivery.js';

/** The forms Meta's dashboard has sent over the years. */
export type TestButtonForm = 'changes' | 'messaging' | '2021';

const ITEM = {
  sender: { id: '12334' },
  recipient: { id: '23245' },
  timestamp: '1527459824',
  message: { mid: 'random_mid', text: 'random_text' },
};

const VALUE_OF_2021 = {
  event_type: 'TEXT',
  event_timestamp: '1527459824',
  event_data: {
    message_id: 'random_mid',
    sender: { id: '12334', username: 'test' },
    recipient: { id: '23245', username: 'test' },
    text: 'random_text',
  },
};

/** What the "Test" button of Meta's dashboard sends: entry "0", dummy ids, seconds as a string. */
export function testButtonDelivery(at = new Date(), form: TestButtonForm = 'changes'): Delivery {
  if (form === 'messaging') return deliveryOf(entryOf('0', [ITEM], at));
  const value = form === 'changes' ? ITEM : VALUE_OF_2021;
  return deliveryOf(changesEntryOf('0', [{ field: 'messages', value }], at));
}
