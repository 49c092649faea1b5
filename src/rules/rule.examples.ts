import type { CreateRuleRequest } from './create-rule.request.dto.js';
import type { TriggerType } from './engine/trigger-types.js';
import type { TestRulesRequest } from './test-rules.request.dto.js';
import type { UpdateRuleRequest } from './update-rule.request.dto.js';

interface Example<T> {
  readonly summary: string;
  readonly value: T;
}

/** One for each trigger, to start from in Swagger UI. A test saves each of them. */
export const RULE_EXAMPLES: Record<TriggerType, Example<CreateRuleRequest>> = {
  contains: rule(
    'Opening hours',
    'contains',
    'opening hours',
    "Hi {{ username | default: 'there' }}! We are open from 9 to 17.",
  ),
  exact: rule('Greeting', 'exact', 'hello', 'Hello, this is {{ account.username }}. How can we help?'),
  starts_with: rule('Orders', 'starts_with', 'order', 'We are looking at it: {{ text }}'),
  regex: rule('Order status', 'regex', String.raw`order\s+#?(\d+)`, 'We are looking at order {{ match[1] }}.'),
  any: rule('Fallback', 'any', null, 'We will answer soon.', { priority: 1000, cooldownSeconds: 3600 }),
  postback: rule('Get started', 'postback', 'GET_STARTED', 'Welcome! What would you like to know?', {
    quickReplies: [
      { title: 'Opening hours', payload: 'HOURS' },
      { title: 'Prices', payload: 'PRICES' },
    ],
    typingSeconds: 2,
  }),
  quick_reply: rule('Colour red', 'quick_reply', 'COLOUR_RED', 'Red it is.'),
  story_reply: rule('Story replies', 'story_reply', null, 'Thank you for watching our story!'),
  story_mention: rule('Story mentions', 'story_mention', null, 'Thank you for mentioning us!'),
  reaction: rule('Hearts', 'reaction', '❤️', 'Glad you like it!'),
  referral: rule('Spring campaign', 'referral', 'spring-2026', 'Welcome! Your code is SPRING.', {
    media: { type: 'image', url: 'https://example.com/spring.jpg' },
  }),
  comment: rule('Price asked in a comment', 'comment', 'price', 'Hi {{ username }}, it costs 29 €.', {
    buttons: [{ type: 'web_url', title: 'Look at it', url: 'https://example.com/dress' }],
  }),
};

function rule(
  name: string,
  triggerType: TriggerType,
  triggerValue: string | null,
  responseTemplate: string,
  more: Partial<CreateRuleRequest> = {},
): Example<CreateRuleRequest> {
  const value = triggerValue === null ? {} : { triggerValue };
  return {
    summary: `${triggerType}: ${name.toLowerCase()}`,
    value: { name, triggerType, ...value, responseTemplate, ...more },
  };
}

/** The first stands there when somebody opens the call, instead of every field at once: buttons and quick replies do not go together. */
export const RULE_CHANGE_EXAMPLES: Record<string, Example<UpdateRuleRequest>> = {
  enabled: { summary: 'off, or on (true)', value: { enabled: false } },
  responseTemplate: { summary: 'another reply', value: { responseTemplate: "Hi {{ username | default: 'there' }}! We are open from 10 to 18." } },
  priority: { summary: 'tried before the others, and once an hour in a conversation', value: { priority: 10, cooldownSeconds: 3600 } },
  buttons: {
    summary: 'buttons, in the place of quick replies',
    value: { quickReplies: null, buttons: [{ type: 'web_url', title: 'Look at it', url: 'https://example.com/spring' }] },
  },
};

const parties = { sender: { id: '1234567890' }, recipient: { id: '17841400000000001' }, timestamp: 1767225600000 };

/** Events as Meta sends them, one for each kind that a rule can answer. A test has each answered by its rule above. */
export const RULE_TEST_EXAMPLES: Record<string, Example<TestRulesRequest>> = {
  text: { summary: 'a text', value: { text: 'What are your opening hours?', username: 'jane.doe' } },
  message: event('a message', { message: { mid: 'm_1', text: 'order #42' } }),
  quick_reply: event('a tap on a quick reply', {
    message: { mid: 'm_2', text: 'Red', quick_reply: { payload: 'COLOUR_RED' } },
  }),
  postback: event('a tap on a button', { postback: { mid: 'm_3', title: 'Get started', payload: 'GET_STARTED' } }),
  story_reply: event('a reply to a story', {
    message: { mid: 'm_4', text: 'Lovely!', reply_to: { story: { id: '5', url: 'https://example.com/story' } } },
  }),
  story_mention: event('a mention in a story', {
    message: { mid: 'm_5', attachments: [{ type: 'story_mention', payload: { url: 'https://example.com/story' } }] },
  }),
  reaction: event('a reaction', { reaction: { mid: 'm_1', action: 'react', reaction: 'love', emoji: '❤️' } }),
  referral: event('an ig.me link', { referral: { ref: 'spring-2026', source: 'SHORTLINK', type: 'OPEN_THREAD' } }),
  comment: {
    summary: 'a comment',
    value: {
      event: {
        field: 'comments',
        value: {
          id: '17900000000000001',
          from: { id: '1234567890', username: 'jane.doe' },
          text: 'What is the price?',
          media: { id: '17900000000000002' },
        },
      },
    },
  },
  delivery: {
    summary: 'a whole delivery: its first item',
    value: {
      event: {
        object: 'instagram',
        entry: [
          {
            id: parties.recipient.id,
            time: parties.timestamp,
            messaging: [{ ...parties, message: { mid: 'm_6', text: 'hello' } }],
          },
        ],
      },
    },
  },
};

function event(summary: string, item: object) {
  return { summary, value: { event: { ...parties, ...item } } };
}
