import { describe, expect, it } from '@jest/globals';
import { graphRequest } from './content/graph-request.js';
import type { OutgoingContent } from './content/outgoing-content.js';
import { canBeSame } from './message-content.js';

const buttons = [{ type: 'postback', title: 'Go', payload: 'GO' }] as const;
const contents = {
  text: { is: 'text', text: 'Hello ', quickReplies: [] },
  choice: { is: 'text', text: 'Hello', quickReplies: [{ contentType: 'user_email' }] },
  image: { is: 'media', media: { type: 'image', url: 'https://example.com/a.png' } },
  buttons: { is: 'button_template', text: 'Hello', buttons },
  cards: { is: 'generic_template', elements: [{ title: 'Dress', subtitle: 's', imageUrl: null, url: null, buttons: [] }] },
  heart: { is: 'like_heart' },
  reaction: { is: 'react', target: { messageId: 'ours', mid: 'm' }, reaction: 'love' },
  typing: { is: 'typing_on' },
} satisfies Record<string, OutgoingContent>;

describe('canBeSame', () => {
  it.each([
    ['a text', { text: 'Hello', attachmentTypes: [] }, ['text', 'choice', 'buttons']],
    ['another text', { text: 'hello', attachmentTypes: [] }, []],
    ['an image', { text: null, attachmentTypes: ['image'] }, ['image', 'heart']],
    ['a template', { text: null, attachmentTypes: ['template'] }, ['buttons', 'cards']],
    ['a template with its text', { text: 'Hello', attachmentTypes: ['template'] }, ['text', 'choice', 'buttons']],
    ['a card', { text: 'Dress', attachmentTypes: ['template'] }, ['cards']],
    ['a heart', { text: null, attachmentTypes: ['like_heart'] }, ['buttons', 'cards', 'heart']],
    ['something unsupported', { text: null, attachmentTypes: [] }, ['buttons', 'cards', 'heart']],
    ['a record with some attachment', { text: null, hasAttachments: true }, ['image', 'buttons', 'cards', 'heart']],
  ])('%s can be %j', (_, seen: { text: string | null; attachmentTypes?: string[]; hasAttachments?: boolean }, expected) => {
    const hasAttachments = seen.hasAttachments ?? (seen.attachmentTypes ?? []).length > 0;
    const same = Object.entries(contents).filter(([, content]) => {
      const request = graphRequest(content, { recipient: { id: '7' } }) as Record<string, unknown>;
      return canBeSame(request, { ...seen, hasAttachments });
    });
    expect(same.map(([name]) => name)).toEqual(expected);
  });
});
