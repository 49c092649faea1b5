import { AppError } from '../../common/errors.js';

export function messageUnderWay(): AppError {
  return conflict(
    'message_under_way',
    'A message of this conversation is on its way to Instagram, or it is being looked up whether it was delivered. Ask again in a minute.',
  );
}

export function eventWaiting(): AppError {
  return conflict(
    'event_waiting',
    'Something that Meta has delivered for this conversation, or without saying for which, is not applied yet. Ask again in a minute; an event that keeps failing (GET …/events?status=pending) waits for two hours at most.',
  );
}

export function queuedAgain(): AppError {
  return conflict(
    'message_queued_again',
    'A failed message was queued again while this conversation was being erased; all else is. Cancel it, or wait until it is sent, and ask again.',
  );
}

export function overtaken(): AppError {
  return conflict('erasure_overtaken', 'Somebody has asked for the same since, or the account is being deleted: that completes it.');
}

export function shuttingDown(): AppError {
  return new AppError('unavailable', 'shutting_down', 'This instance is shutting down in the middle of it. Ask again: what is left is erased then.', [], {}, 5);
}

function conflict(code: string, message: string): AppError {
  return new AppError('conflict', code, message);
}
