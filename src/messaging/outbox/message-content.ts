/** What a send carries, as its echo or Instagram's record of the conversation can be compared with it. */
export interface MessageContent {
  readonly text: string | null;
  readonly hasAttachment: boolean;
}

export function contentOf(request: Readonly<Record<string, unknown>>): MessageContent {
  const message = request['message'];
  if (typeof message !== 'object' || message === null) return { text: null, hasAttachment: false };
  const text = 'text' in message && typeof message.text === 'string' ? message.text : null;
  return { text, hasAttachment: 'attachment' in message || 'attachments' in message };
}

/** Instagram may trim a text and change its line ends or composition on the way; nothing else is let pass as the same. */
export function sameText(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && plain(a) === plain(b);
}

function plain(text: string): string {
  return text.normalize('NFC').replace(/\r\n?/g, '\n').trim();
}

/** A typing sign, a reaction, "seen": no message comes of it, and doing it twice is the same as once. */
export function isAction(request: Readonly<Record<string, unknown>>): boolean {
  return typeof request['sender_action'] === 'string';
}
