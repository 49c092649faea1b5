import { randomToken } from '../../dist/src/crypto/index.js';

function account(id, username, rules) {
  return {
    id,
    username,
    accessToken: `IGAA${randomToken(60)}`,
    appSecret: randomToken(24),
    webhookVerifyToken: randomToken(18),
    rules,
  };
}

/** Two businesses, each with its own Meta app (its own secret), its own token and its own rules. */
export function demoAccounts() {
  return {
    bakery: account('17841400000000017', 'sunrise.bakery', [
      {
        name: 'Opening hours',
        priority: 10,
        triggerType: 'contains',
        triggerValue: 'hours',
        responseTemplate: 'We bake from 7 to 18, Monday to Saturday.',
      },
      {
        name: 'Order a cake',
        priority: 20,
        triggerType: 'exact',
        triggerValue: 'Order a cake',
        responseTemplate: 'With pleasure! For which day? 🎂',
      },
      {
        name: 'Prices',
        priority: 30,
        triggerType: 'starts_with',
        triggerValue: 'price',
        responseTemplate: 'Hello {{ username }}! Our price list is at sunrise.example/prices',
      },
      {
        name: 'Coffee',
        priority: 40,
        triggerType: 'contains',
        triggerValue: 'CAFÉ CRÈME ☕️',
        responseTemplate: 'Un café crème: 3,20 € ☕️',
      },
      {
        name: 'Get started',
        priority: 50,
        triggerType: 'postback',
        triggerValue: 'START',
        responseTemplate: 'Welcome to {{ account.username }}! Ask for our hours, or order a cake.',
      },
      {
        name: 'Story mention',
        priority: 60,
        triggerType: 'story_mention',
        responseTemplate: 'Thank you for the mention! 🧡',
      },
      {
        name: 'Prices, privately',
        priority: 70,
        triggerType: 'comment',
        triggerValue: 'price',
        responseTemplate: 'Hello {{ username }}! The big one is 38 €.',
      },
      {
        name: 'Anything else',
        priority: 900,
        triggerType: 'any',
        responseTemplate: 'Thank you! {{ account.username }} answers within the hour.',
      },
    ]),
    bikes: account('17841400000000028', 'northwind.bikes', [
      {
        name: 'Rental',
        priority: 10,
        triggerType: 'contains',
        triggerValue: 'rent a bike',
        responseTemplate: 'Bikes are 18 € a day. You wrote: "{{ text }}"',
      },
      {
        name: 'Frame size',
        priority: 20,
        triggerType: 'regex',
        triggerValue: '(\\d{2})\\s*cm',
        responseTemplate: 'We have {{ match[1] }} cm frames in stock.',
      },
      {
        name: 'Workshop hours',
        priority: 30,
        triggerType: 'contains',
        triggerValue: 'hours',
        responseTemplate: 'The workshop is open from 10 to 19.',
      },
    ]),
  };
}
