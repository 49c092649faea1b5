import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '../errors.js';
import { answerTo } from './error-answer.js';
import { LoopCost } from './loop-cost.js';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.js';
import { TakingTurns } from './taking-turns.js';

type Middleware = (request: DeliveryRequest, response: ServerResponse, next: () => void) => void;

export interface DeliveryRequest extends IncomingMessage {
  /** Since when (of `performance.now()`) it may have been here, unread: one before it was refused then. */
  unreadSince?: number | undefined;
}

export interface DeliveryGateOptions {
  readonly isDelivery: (request: IncomingMessage) => boolean;
  readonly refused: () => void;
  /** However quickly they are answered: each that is in hand holds memory. */
  readonly mostInHand?: number;
  /** How long a turn of the event loop may take with what is in hand. */
  readonly longestTurnMs?: number;
  readonly cost?: Pick<LoopCost, 'ms' | 'noteTaken' | 'noteAnswered' | 'noteRefused'>;
}

/** Some 30 KiB each. */
const MOST_IN_HAND = 3_000;
/** So few are never too many. */
const FEW_IN_HAND = 100;
/**
 * Meta gives up after five seconds; and it takes several turns of the loop to read one, store it and answer. Where storing
 * keeps the loop, all that are in hand are answered in the same turn, and a longer one is as good.
 */
export const LONGEST_TURN_MS = { waiting: 350, blocking: 500 };
/** One whose body has not come by then is not in hand: nothing is done with it, and it may never come. */
const STALLED_MS = 1_000;
const COME_BACK_SECONDS = 2;
const REFUSAL = answerTo(
  new AppError('unavailable', 'too_many_at_once', 'Too many deliveries at once; deliver it again later', [], undefined, COME_BACK_SECONDS),
  () => false,
);

/**
 * Bounds the deliveries in hand, so that each is answered in time: one that would be answered too late is refused here, for
 * a fraction of what it costs to store it, and Meta delivers it again. To be put before everything else.
 */
export function deliveryGate({ isDelivery, refused, mostInHand = MOST_IN_HAND, longestTurnMs = LONGEST_TURN_MS.waiting, cost = new LoopCost() }: DeliveryGateOptions): Middleware {
  let inHand = 0;
  const turns = new TakingTurns();
  return (request, response, next) => {
    if (!isDelivery(request)) {
      next();
      return;
    }
    if (inHand >= mostInHand || (inHand >= FEW_IN_HAND && inHand * cost.ms > longestTurnMs)) {
      cost.noteRefused();
      refused();
      turns.readLater(request.socket);
      refuse(request, response);
      return;
    }
    request.unreadSince = turns.unreadSince(request.socket);
    inHand++;
    cost.noteTaken(inHand);
    let counts = true;
    const stalled = setTimeout(() => {
      if (request.complete) return;
      counts = false;
      inHand--;
    }, STALLED_MS).unref();
    response.once('close', () => {
      clearTimeout(stalled);
      if (counts) inHand--;
      cost.noteAnswered(inHand);
    });
    next();
  };
}

function refuse(request: IncomingMessage, response: ServerResponse): void {
  const { status, message, error, headers } = REFUSAL;
  const requestId = requestIdOf(request);
  const body = JSON.stringify({ statusCode: status, message, error, requestId });
  response.writeHead(status, {
    ...headers, [REQUEST_ID_HEADER]: requestId, 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}
