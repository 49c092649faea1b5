import { CONTENT_LIMITS } from './content.js';

/** Why a text cannot go as one message, or null. Of a text without white space around it. */
export function whyNotOneMessage(text: string, withButtons: boolean): string | null {
  if (withButtons && text.length > CONTENT_LIMITS.buttonText) return `it does not fit into one message of ${String(CONTENT_LIMITS.buttonText)} characters with buttons`;
  if (Buffer.byteLength(text) > CONTENT_LIMITS.textBytes) return `it does not fit into one message of ${String(CONTENT_LIMITS.textBytes)} bytes`;
  return null;
}
