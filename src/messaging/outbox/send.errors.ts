import { AppError } from '../../common/errors.js';

export function cannotSend(reason: string): AppError {
  return new AppError('unprocessable', 'cannot_send', `The message cannot be sent: ${reason}.`);
}
