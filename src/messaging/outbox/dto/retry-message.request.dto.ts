import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import { MayBeAbsent } from '../../../common/may-be-absent.decorator.js';

export class RetryMessageRequest {
  @ApiPropertyOptional({
    type: Boolean,
    default: false,
    description: 'Only for a message of which it was never found out whether Instagram delivered it: send it all the same, and so perhaps a second time',
  })
  @MayBeAbsent()
  @IsBoolean()
  force?: boolean;
}
