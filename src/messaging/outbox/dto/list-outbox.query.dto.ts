import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { PageQuery } from '../../../common/pagination.js';

/**
 * `waiting`: for its turn or its next try; `paused`: with its account, which may send nothing now; `sending`: on its way;
 * `uncertain`: it is being looked up whether Instagram has it.
 */
export const SHOWN_STATUSES = ['waiting', 'paused', 'sending', 'uncertain'] as const;
export type ShownStatus = (typeof SHOWN_STATUSES)[number];

export class ListOutboxQuery extends PageQuery {
  @ApiPropertyOptional({ enum: SHOWN_STATUSES, description: 'Only what stands so' })
  @IsOptional()
  @IsIn(SHOWN_STATUSES)
  status?: ShownStatus;
}
