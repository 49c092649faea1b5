import { sha256 } from '../../crypto/index.js';
import type { ManualMessage } from './manual-message.js';

/** Tells whether two calls with one Idempotency-Key ask for the same message. */
export function requestHash(message: ManualMessage): string {
  const { recipientId, content, replyTo, commentId, tag } = message;
  // As it was before there was more to send, so that keys of then keep their meaning.
  const text = content.is === 'text' ? content.text : null;
  const media = content.is === 'media' ? content.media : null;
  const parts: unknown[] = [text, media?.type ?? null, media?.url ?? null, tag];
  const isPlain = content.is === 'media' || (content.is === 'text' && content.quickReplies.length === 0);
  if (!isPlain || replyTo !== null || commentId !== null) parts.push({ content, replyTo, commentId });
  return sha256(recipientId ?? '', JSON.stringify(parts));
}
