import { PayloadTooLargeException, RequestTimeoutException, UnsupportedMediaTypeException } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';

type Middleware = (request: IncomingMessage & { body?: unknown }, response: ServerResponse, next: (error?: unknown) => void) => void;

/** As long as Meta waits for an answer: whoever takes longer to say it holds a place of others. */
const MOST_MS = 5_000;

/**
 * Puts a delivery's bytes, as they came, into `request.body`: 413 beyond `longest` bytes, 415 when compressed, 408 when it
 * does not come in time, all before anything else is looked at. Whoever hangs up half-way is not answered. (body-parser's `raw` does the same for every kind of
 * request, and costs a delivery as much as its signature.)
 */
export function deliveryBody(isDelivery: (request: IncomingMessage) => boolean, longest: number): Middleware {
  return (request, response, next) => {
    if (!isDelivery(request)) {
      next();
      return;
    }
    if ((request.headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity') {
      next(new UnsupportedMediaTypeException('A delivery must not be compressed'));
      return;
    }
    // Nothing is read of one that says so itself: Node drains it once it is answered.
    if (Number(request.headers['content-length'] ?? 0) > longest) {
      next(tooLarge(longest));
      return;
    }
    read(request, response, longest, next);
  };
}

function read(
  request: IncomingMessage & { body?: unknown }, response: ServerResponse, longest: number, next: (error?: unknown) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  let late = false;
  const timer = setTimeout(() => {
    if (length > longest) return;
    late = true;
    // The rest is not waited for, nor another request behind it.
    response.once('finish', () => request.destroy());
    next(new RequestTimeoutException(`The body did not come within ${String(MOST_MS / 1000)} seconds`));
  }, MOST_MS);
  request.once('close', () => {
    clearTimeout(timer);
  });
  request.on('data', (chunk: Buffer) => {
    if (late) return;
    length += chunk.length;
    if (length <= longest) {
      chunks.push(chunk);
    } else if (length - chunk.length <= longest) {
      chunks.length = 0; // the rest is read and forgotten
      next(tooLarge(longest));
    }
  });
  request.once('end', () => {
    clearTimeout(timer);
    if (late || length > longest) return;
    // Most come in one piece.
    request.body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length);
    next();
  });
  // Without a listener it would end the process. The connection is gone: there is nobody to answer.
  request.once('error', () => undefined);
}

function tooLarge(longest: number): Error {
  return new PayloadTooLargeException(`A delivery must not be larger than ${String(longest)} bytes`);
}
