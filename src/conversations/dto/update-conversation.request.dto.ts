import { Type } from 'class-transformer';
import { IsBoolean, IsDefined, IsISO8601, IsOptional, ValidateNested } from 'class-validator';

export class UpdateAutomationRequest {
  /** True stops the rules in this conversation, false lets them answer again. */
  @IsBoolean()
  paused!: boolean;

  /**
   * When rules may answer again by themselves; left out or null: when somebody resumes them. Only with `paused: true`.
   * @example "2030-01-31T18:00:00.000Z"
   */
  @IsOptional()
  @IsISO8601({ strict: true, strictSeparator: true })
  pausedUntil?: string | null;
}

export class UpdateConversationRequest {
  @IsDefined()
  @ValidateNested()
  @Type(() => UpdateAutomationRequest)
  automation!: UpdateAutomationRequest;
}
