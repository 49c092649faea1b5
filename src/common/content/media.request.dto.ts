import { IsIn, MaxLength } from 'class-validator';
import { CONTENT_LIMITS, MEDIA_TYPES, type MediaType } from './content.js';
import { IsWebAddress } from './is-web-address.decorator.js';

export class MediaRequest {
  /** @example "image" */
  @IsIn(MEDIA_TYPES)
  type!: MediaType;

  /**
   * Where Instagram fetches it: a public https address.
   * @example "https://example.com/price-list.png"
   */
  @IsWebAddress()
  @MaxLength(CONTENT_LIMITS.url)
  url!: string;
}
