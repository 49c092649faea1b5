import {
  attachmentEvent,
  changesEntryOf,
  commentChange,
  deliveryOf,
  echoEvent,
  entryOf,
  newIgsid,
  newMid,
  postbackEvent,
  quickReplyEvent,
  sameMidInOtherCase,
  stickerEvent,
  storyMentionEvent,
  textEvent,
  unknownEvent,
} from '../../dist/src/local-meta/index.js';

/**
 * What Meta delivers in the demo. Each delivery holds messages; each message says who writes, and which rule must answer
 * with what (`rule` null: nobody, and `why` is what the event must say about it).
 */
export function story({ bakery, bikes }) {
  const upperMid = newMid();
  const cased = newIgsid();
  const byPhone = newIgsid();
  return [
    one(
      'text',
      bakery,
      textEvent,
      ['What are your opening HOURS?'],
      'Opening hours',
      'We bake from 7 to 18, Monday to Saturday.',
    ),
    one(
      'quick reply',
      bakery,
      quickReplyEvent,
      ['Order a cake', 'ORDER_CAKE'],
      'Order a cake',
      'With pleasure! For which day? 🎂',
    ),
    one(
      'image',
      bakery,
      attachmentEvent,
      [[{ type: 'image', payload: { url: 'https://cdn.example/cake.jpg' } }]],
      'Anything else',
      'Thank you! sunrise.bakery answers within the hour.',
    ),
    one(
      'postback',
      bakery,
      postbackEvent,
      ['Get started', 'START'],
      'Get started',
      'Welcome to sunrise.bakery! Ask for our hours, or order a cake.',
    ),
    one(
      'story mention',
      bakery,
      storyMentionEvent,
      ['https://cdn.example/story.jpg'],
      'Story mention',
      'Thank you for the mention! 🧡',
    ),
    one(
      'comment',
      bakery,
      comment,
      ['a.customer', 'What is the price of the big one?'],
      'Prices, privately',
      'Hello a.customer! The big one is 38 €.',
      { mid: '17900000000000001', isChange: true },
    ),
    one('emoji, accents', bakery, textEvent, ['Combien le café crème ☕️ ?'], 'Coffee', 'Un café crème: 3,20 € ☕️'),
    one('sticker', bakery, stickerEvent, [], 'Anything else', 'Thank you! sunrise.bakery answers within the hour.'),
    one(
      'text',
      bikes,
      textEvent,
      ['Can I rent a bike?'],
      'Rental',
      'Bikes are 18 € a day. You wrote: "Can I rent a bike?"',
    ),
    one('text (regex)', bikes, textEvent, ['Do you have 56 cm?'], 'Frame size', 'We have 56 cm frames in stock.'),
    one('text, no rule', bikes, textEvent, ['Thanks, bye 👋'], null, null, {
      why: /no rule answers it/,
    }),
    one('echo from phone', bikes, (to, text) => echoEvent(to, { text }), ['I am out until three'], null, null, {
      typedByOwner: true,
      person: byPhone,
      why: /sent from elsewhere.*rests until/,
    }),
    one('text after it', bikes, textEvent, ['And what are your hours?'], null, null, {
      person: byPhone,
      why: /paused in this conversation until .*takeover/,
    }),
    one('unknown kind', bikes, unknownEvent, [], null, null, { ignored: true, why: /does not know this kind/ }),
    {
      account: bikes,
      entries: [
        [
          part(
            'batch 1/3',
            bikes,
            textEvent,
            ['What are your hours?'],
            'Workshop hours',
            'The workshop is open from 10 to 19.',
          ),
        ],
        [
          part('batch 2/3', bikes, textEvent, ['I need 61cm'], 'Frame size', 'We have 61 cm frames in stock.'),
          part(
            'batch 3/3',
            bikes,
            textEvent,
            ['Could we rent a bike'],
            'Rental',
            'Bikes are 18 € a day. You wrote: "Could we rent a bike"',
          ),
        ],
      ],
    },
    one('mid, first', bikes, textEvent, ['54 cm'], 'Frame size', 'We have 54 cm frames in stock.', {
      mid: upperMid,
      person: cased,
    }),
    one('mid, other case', bikes, textEvent, ['52 cm'], 'Frame size', 'We have 52 cm frames in stock.', {
      mid: sameMidInOtherCase(upperMid),
      person: cased,
    }),
  ];
}

/** Written once the service has looked up who the person is. */
export function greeting({ bakery }, person, username) {
  return one(
    'text, by name',
    bakery,
    textEvent,
    ['Price of a baguette?'],
    'Prices',
    `Hello ${username}! Our price list is at sunrise.example/prices`,
    { person },
  );
}

export function bodyOf({ account, entries }) {
  return deliveryOf(
    ...entries.map((messages) => {
      const build = messages[0].isChange ? changesEntryOf : entryOf;
      return build(
        account.id,
        messages.map((message) => message.item),
      );
    }),
  );
}

/** A comment has no mid; its id takes the place. */
function comment({ person, mid }, username, text) {
  return commentChange({ id: mid, from: { id: person, username }, text });
}

function one(...given) {
  return { account: given[1], entries: [[part(...given)]] };
}

function part(kind, account, build, content, rule, reply, more = {}) {
  const { mid = newMid(), person = newIgsid(), ...flags } = more;
  const item = build({ accountId: account.id, person, mid }, ...content);
  return { kind, account, person, mid, item, rule, reply, ...flags };
}
