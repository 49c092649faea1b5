// @ts-check

/** @typedef {import('./random.mjs').Random} Random */

/** Most messages of a conversation have the same reply: nothing but the place in the conversation tells two of them apart. */
const SAME = 'Thank you! How can we help?';
const MENU = 'Here is our menu.';
const CHOOSE = 'What is it about?';
const IMAGE = 'https://shop.example/menu.png';
/** Two messages, for Instagram takes 1000 bytes, and they are equal. */
const HALF_A_STORY = 'onceuponatime'.repeat(76);

export const RULES = [
  { name: 'greeting', priority: 10, triggerType: 'exact', triggerValue: 'hi', responseTemplate: SAME },
  { name: 'order', priority: 20, triggerType: 'regex', triggerValue: '^order (\\d+)$', responseTemplate: 'We look after order {{ match[1] }}.' },
  {
    name: 'menu', priority: 30, triggerType: 'exact', triggerValue: 'menu', responseTemplate: MENU,
    media: { type: 'image', url: IMAGE }, quickReplies: [{ contentType: 'text', title: 'More', payload: 'MORE' }],
  },
  {
    name: 'choose', priority: 40, triggerType: 'exact', triggerValue: 'help', responseTemplate: CHOOSE,
    buttons: [{ type: 'postback', title: 'An order', payload: 'ORDER' }],
  },
  { name: 'story', priority: 50, triggerType: 'exact', triggerValue: 'story', responseTemplate: `${HALF_A_STORY} ${HALF_A_STORY}`, typingSeconds: 1 },
  { name: 'anything', priority: 90, triggerType: 'any', responseTemplate: SAME },
];

/**
 * What somebody writes, and what must be answered.
 * @param {Random} random
 * @param {number} nth
 * @returns {{ text: string, replies: readonly string[] }}
 */
export function writeSomething(random, nth) {
  const chance = random.next();
  if (chance < 0.25) return { text: 'hi', replies: [SAME] };
  if (chance < 0.55) return { text: `question ${String(nth)}`, replies: [SAME] };
  if (chance < 0.65) return { text: 'menu', replies: [`image ${IMAGE}`, MENU] };
  if (chance < 0.73) return { text: 'help', replies: [`template ${CHOOSE}`] };
  if (chance < 0.77) return { text: 'story', replies: [HALF_A_STORY, HALF_A_STORY] };
  return { text: `order ${String(nth)}`, replies: [`We look after order ${String(nth)}.`] };
}

/**
 * The same words for what Meta was asked to send.
 * @param {Readonly<Record<string, any>>} body
 * @returns {string}
 */
export function wordsOf({ message, sender_action: action }) {
  if (typeof message?.text === 'string') return message.text;
  const { type, payload } = message?.attachment ?? {};
  return type === undefined ? String(action) : `${String(type)} ${String(payload?.url ?? payload?.text)}`;
}
