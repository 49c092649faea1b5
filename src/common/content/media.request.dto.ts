import { IsIn, IsUrl, MaxLength } from 'class-validator';
import { CONTENT_LIMITS, MEDIA_TYPES, type MediaType } from './content.js';

export class MediaRequest {
  /** @example "image" */
  @IsIn(MEDIA_TYPES)
  type!: MediaType;

  /**
   * Where Instagram fetches it: a public https address.
   * @example "https://example.com/price-list.png"
   */
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  @MaxLength(CONTENT_LIMITS.url)
  url!: string;
}
