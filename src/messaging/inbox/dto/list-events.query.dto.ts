import { IsIn, IsOptional } from 'class-validator';
import { PageQuery } from '../../../common/pagination.js';
import { EVENT_STATUSES, type EventStatus } from '../event-log.repository.js';

export class ListEventsQuery extends PageQuery {
  /** Only events of this status. */
  @IsOptional()
  @IsIn(EVENT_STATUSES)
  status?: EventStatus;
}
