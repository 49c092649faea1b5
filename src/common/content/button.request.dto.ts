import { IsIn, Length, Matches, MaxLength, ValidateIf } from 'class-validator';
import { OnlyWhen } from '../only-when.decorator.js';
import { BUTTON_TYPES, CONTENT_LIMITS, type Button } from './content.js';
import { IsWebAddress } from './is-web-address.decorator.js';

const OfType = (wanted: Button['type'], field: string): PropertyDecorator =>
  OnlyWhen(({ type }: ButtonRequest) => type === wanted, `${field} belongs to buttons of type ${wanted}: leave it out`);

export class ButtonRequest {
  /** `postback` tells this server of the tap, `web_url` opens a page. */
  @IsIn(BUTTON_TYPES)
  type!: Button['type'];

  /**
   * What stands on the button.
   * @example "Get started"
   */
  @Matches(/\S/, { message: 'title must not be blank' })
  @Length(1, CONTENT_LIMITS.buttonTitle, {
    message: `title must have 1 to ${String(CONTENT_LIMITS.buttonTitle)} characters: Instagram shows no more`,
  })
  title!: string;

  /**
   * Of a `postback`: what comes back with a tap, for a rule with the trigger `postback`; nobody sees it.
   * @example "GET_STARTED"
   */
  @ValidateIf(({ type, payload }: ButtonRequest) => type === 'postback' || payload !== undefined)
  @OfType('postback', 'payload')
  @Length(1, CONTENT_LIMITS.payload, { message: `payload must have 1 to ${String(CONTENT_LIMITS.payload)} characters` })
  payload?: string;

  /** Of a `web_url`: the page, with http:// or https://. */
  @ValidateIf(({ type, url }: ButtonRequest) => type === 'web_url' || url !== undefined)
  @OfType('web_url', 'url')
  @IsWebAddress()
  @MaxLength(CONTENT_LIMITS.url)
  url?: string;

  static toContent({ type, title, payload = '', url = '' }: ButtonRequest): Button {
    return type === 'postback' ? { type, title, payload } : { type, title, url };
  }
}
