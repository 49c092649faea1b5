import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, MaxLength, ValidateBy } from 'class-validator';
import { MayBeAbsent } from '../common/may-be-absent.decorator.js';

const IsEvent = (): PropertyDecorator =>
  ValidateBy({
    name: 'isEvent',
    validator: {
      validate: (value) => typeof value === 'object' && value !== null,
      defaultMessage: () => 'event must be an object or an array, as Meta sends it',
    },
  });

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

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    description:
      'An event as Meta sends it: an item of `messaging`, a `{field, value}` of `changes` (either is the `payload` of a ' +
      'stored event), an entry, or a whole delivery, which stands for its first item.',
    example: { sender: { id: '1234567890' }, postback: { title: 'Get started', payload: 'GET_STARTED' } },
  })
  @MayBeAbsent()
  @IsEvent()
  event?: object;

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
