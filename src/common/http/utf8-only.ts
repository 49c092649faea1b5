import { isUtf8 } from 'node:buffer';

/**
 * Looks at the bytes of a JSON body before they become text. The parser puts a replacement character for whatever is not UTF-8 (a
 * terminal of Windows sends `ü` as one byte), and a customer would be sent that.
 */
export function utf8Only(_request: unknown, _response: unknown, body: Buffer, encoding: string): void {
  if (encoding === 'utf-8' && !isUtf8(body)) throw Object.assign(new Error('The body is not UTF-8'), { type: 'encoding.not.utf8' });
}
