import { Length, MaxLength } from 'class-validator';
import { ButtonRequest } from '../../../common/content/button.request.dto.js';
import { CONTENT_LIMITS, type Element } from '../../../common/content/content.js';
import { IsWebAddress } from '../../../common/content/is-web-address.decorator.js';
import { MayBeAbsent } from '../../../common/may-be-absent.decorator.js';
import { NestedList } from '../../../common/nested-list.decorator.js';

const Text = (field: string): PropertyDecorator =>
  Length(1, CONTENT_LIMITS.elementText, { message: `${field} must have 1 to ${String(CONTENT_LIMITS.elementText)} characters` });

/** One card: a title, and at least one thing more. */
export class ElementRequest {
  /** @example "Summer dress" */
  @Text('title')
  title!: string;

  /** @example "In three colours" */
  @MayBeAbsent()
  @Text('subtitle')
  subtitle?: string;

  /** @example "https://example.com/dress.jpg" */
  @MayBeAbsent()
  @IsWebAddress()
  @MaxLength(CONTENT_LIMITS.url)
  imageUrl?: string;

  /**
   * Opened by a tap on the card.
   * @example "https://example.com/dress"
   */
  @MayBeAbsent()
  @IsWebAddress()
  @MaxLength(CONTENT_LIMITS.url)
  url?: string;

  @MayBeAbsent()
  @NestedList(() => ButtonRequest, CONTENT_LIMITS.buttons)
  buttons?: ButtonRequest[];

  static toContent({ title, subtitle, imageUrl, url, buttons }: ElementRequest): Element {
    return {
      title,
      subtitle: subtitle ?? null,
      imageUrl: imageUrl ?? null,
      url: url ?? null,
      buttons: (buttons ?? []).map((button) => ButtonRequest.toContent(button)),
    };
  }
}
