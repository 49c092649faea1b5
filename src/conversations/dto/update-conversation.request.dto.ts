import { IsBoolean, IsOptional } from 'class-validator';
import { IsTime } from '../../common/is-time.decorator.js';
import { NestedObject } from '../../common/nested-object.decorator.js';

export class UpdateAutomationRequest {
  /** True stops the rules in this conversation; false lets them answer again, also where the customer has opted out or a person has taken over. */
  @IsBoolean()
  paused!: boolean;

  /**
   * When rules may answer again by themselves; left out or null: when somebody resumes them. Only with `paused: true`.
   * @example "2030-01-31T18:00:00.000Z"
   */
  @IsOptional()
  @IsTime()
  pausedUntil?: string | null;
}

export class UpdateConversationRequest {
  @NestedObject(() => UpdateAutomationRequest)
  automation!: UpdateAutomationRequest;
}
