import { ArrayMaxSize, IsArray, IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';
import { FitsOneMessage } from '../common/fits-one-message.decorator.js';
import { MayBeAbsent } from '../common/may-be-absent.decorator.js';

const DAY_MINUTES = 24 * 60;

/** What is left out keeps its value, or takes the default when the account is new. */
export class AccountSettingsRequest {
  /**
   * An automatic reply that could not be sent for this long is not sent any more. Default 60.
   * @example 60
   */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(7 * DAY_MINUTES)
  replyMaxAgeMinutes?: number;

  /**
   * How long automation rests in a conversation after a person has answered in the app. Default 30.
   * @example 30
   */
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(365 * DAY_MINUTES)
  takeoverMinutes?: number;

  /**
   * A customer who sends one of these gets no automatic reply any more. Letter case does not matter, nor punctuation around it.
   * @example ["stop", "unsubscribe"]
   */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(200)
  @IsString({ each: true })
  @Length(1, 200, { each: true })
  @Matches(/\S/, { each: true, message: 'optOutWords must not hold blank words' })
  optOutWords?: string[];

  /**
   * A customer who sends one of these gets automatic replies again.
   * @example ["start"]
   */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(200)
  @IsString({ each: true })
  @Length(1, 200, { each: true })
  @Matches(/\S/, { each: true, message: 'optInWords must not hold blank words' })
  optInWords?: string[];

  /**
   * What a customer who opts out is sent, once; at most 1000 bytes. Null, as when it was never set: words of ours.
   * @example "You will get no more automatic messages."
   */
  @IsOptional()
  @FitsOneMessage()
  optOutConfirmation?: string | null;

  /**
   * What a customer who opts in again is sent, once; at most 1000 bytes. Null, as when it was never set: words of ours.
   * @example "Welcome back!"
   */
  @IsOptional()
  @FitsOneMessage()
  optInConfirmation?: string | null;

  /**
   * How many automatic replies may follow one another in a conversation. Default 20.
   * @example 20
   */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(100_000)
  maxAutomaticTurns?: number;
}
