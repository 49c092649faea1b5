import { AppError } from '../../common/errors.js';

export class EventNotFoundError extends AppError {
  constructor(eventId: string) {
    super('not_found', 'event_not_found', `There is no event ${eventId.slice(0, 50)} in this account`);
  }
}
