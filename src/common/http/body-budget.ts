import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '../errors.js';

type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/** Nearly every delivery is far smaller; those are never refused. */
const LARGE = 256 * 1024;
/** Small ones may hold this much beyond the budget. */
const ROOM_FOR_SMALL = 64 * 1024 * 1024;
/** What is announced and does not come within this time no longer counts: only what has come of it is held. */
const SLOW_MS = 1_000;
/**
 * Of bodies up to this length, as most deliveries are, not every piece is counted: what is announced counts until the request has
 * had all its time. It would take more connections to fill the budget so than a process can have.
 */
const WORTH_COUNTING = 1024;
const COME_BACK_SECONDS = 5;

/**
 * A body is held in memory before it is known who sent it, so anybody could fill the memory with a few hundred large ones.
 * Once `most` bytes are held (or announced), further large bodies are refused, and with some more the small ones: Meta delivers
 * them again.
 * @param refused is told of each, to count it
 * @param longest what the parser takes; a body announced longer is refused by it unread, and is not counted
 */
export function bodyBudget(longest: number, most = 128 * 1024 * 1024, refused: (request: IncomingMessage) => void = () => undefined): Middleware {
  let held = 0;
  return (request, response, next) => {
    const announced = Number(request.headers['content-length'] ?? 0);
    let mine = announced > longest ? 0 : announced;
    if (held + mine > (mine > LARGE ? most : most + ROOM_FOR_SMALL)) {
      refused(request);
      next(new AppError('unavailable', 'too_many_large_bodies', 'Too many large bodies at once; deliver it again later', [], undefined, COME_BACK_SECONDS));
      return;
    }
    held += mine;
    let answered = false;
    let slow: NodeJS.Timeout | undefined;
    if (request.headers['transfer-encoding'] !== undefined || mine > WORTH_COUNTING) {
      let came = 0;
      request.on('data', (chunk: Buffer) => {
        // What still comes of one that was refused for its length is read and forgotten: nobody holds it, or gives it back.
        if (answered) return;
        came += chunk.length;
        if (came <= mine) return;
        held += came - mine;
        mine = came;
        if (held > (mine > LARGE ? most : most + ROOM_FOR_SMALL)) request.destroy();
      });
      slow = setTimeout(() => {
        held -= mine - came;
        mine = came;
      }, SLOW_MS).unref();
    }
    response.once('close', () => {
      clearTimeout(slow);
      answered = true;
      held -= mine;
    });
    next();
  };
}
