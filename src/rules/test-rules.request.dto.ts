import { IsObject, IsString, MaxLength } from 'class-validator';
import { MayBeAbsent } from './create-rule.request.dto.js';

/** Exactly one of `text` and `event`. */
export class TestRulesRequest {
  /**
   * A message's text.
   * @example "When are you open?"
   */
  @MayBeAbsent()
  @IsString()
  @MaxLength(20_000)
  text?: string;

  /** One item of a delivery's `messaging` array as Meta sends it (the `payload` of a stored event), or a whole delivery. */
  @MayBeAbsent()
  @IsObject()
  event?: Record<string, unknown>;

  /**
   * Who is assumed to write, for templates that greet.
   * @example "jane.doe"
   */
  @MayBeAbsent()
  @IsString()
  @MaxLength(255)
  username?: string;

  /** @example "Jane Doe" */
  @MayBeAbsent()
  @IsString()
  @MaxLength(255)
  name?: string;
}
