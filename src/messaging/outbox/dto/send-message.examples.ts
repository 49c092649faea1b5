import type { SendMessageRequest } from './send-message.request.dto.js';

const recipientId = '1234567890';
const messageId = '0193591c-4a5e-7b6e-9d5a-3f8f1c2b7a10';

/** One for each content, to start from in Swagger UI. A test checks each of them. */
export const SEND_EXAMPLES: Record<string, { readonly summary: string; readonly value: SendMessageRequest }> = {
  text: { summary: 'a text', value: { recipientId, text: 'Hello! How can I help?' } },
  attachment: {
    summary: 'an image, audio, video or file',
    value: { recipientId, attachment: { type: 'image', url: 'https://example.com/price-list.png' } },
  },
  quickReplies: {
    summary: 'a text with answers to choose from',
    value: {
      recipientId,
      text: 'What would you like to know?',
      quickReplies: [{ title: 'Opening hours', payload: 'HOURS' }, { title: 'Prices', payload: 'PRICES' }, { contentType: 'user_email' }],
    },
  },
  buttons: {
    summary: 'a text with buttons',
    value: {
      recipientId,
      text: 'Our spring collection is here.',
      buttons: [
        { type: 'web_url', title: 'Look at it', url: 'https://example.com/spring' },
        { type: 'postback', title: 'Ask us', payload: 'ASK' },
      ],
    },
  },
  elements: {
    summary: 'cards',
    value: {
      recipientId,
      elements: [{ title: 'Summer dress', subtitle: 'In three colours', imageUrl: 'https://example.com/dress.jpg', url: 'https://example.com/dress' }],
    },
  },
  sticker: { summary: 'the heart', value: { recipientId, sticker: 'like_heart' } },
  reaction: { summary: 'a reaction', value: { recipientId, reaction: { messageId, reaction: '❤️' } } },
  action: { summary: 'a typing sign', value: { recipientId, action: 'typing_on' } },
  replyTo: { summary: 'an answer to one message', value: { recipientId, text: 'Yes, in red.', replyTo: messageId } },
  commentId: {
    summary: 'a private answer to a comment',
    value: { commentId: '17900000000000001', text: 'Thank you for asking! It costs 29 €.' },
  },
  tag: { summary: "a person's answer within 7 days", value: { recipientId, text: 'We have found your parcel.', tag: 'HUMAN_AGENT' } },
};
