import { IsIn, IsNotEmpty, IsOptional, IsString, IsUrl, Matches, MaxLength, ValidateIf } from 'class-validator';
import { NestedObject } from '../../../common/nested-object.decorator.js';

export const ATTACHMENT_TYPES = ['image', 'audio', 'video', 'file'] as const;

export class SendAttachmentRequest {
  /** @example "image" */
  @IsIn(ATTACHMENT_TYPES)
  type!: 'image' | 'audio' | 'video' | 'file';

  /**
   * Where Instagram fetches it: a public https address.
   * @example "https://example.com/price-list.png"
   */
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  @MaxLength(2000)
  url!: string;
}

export class SendMessageRequest {
  /**
   * The customer's Instagram-scoped id: `participantId` of the conversation.
   * @example "1234567890"
   */
  @Matches(/^\d{1,50}$/, { message: 'recipientId must be 1 to 50 digits' })
  recipientId!: string;

  /**
   * At most 1000 bytes of UTF-8. Either this or `attachment`.
   * @example "Hello! How can I help?"
   */
  @ValidateIf((body: SendMessageRequest) => (body.text ?? null) !== null || (body.attachment ?? null) === null)
  @IsString()
  @IsNotEmpty()
  text?: string;

  /** Either this or `text`. */
  @IsOptional()
  @NestedObject(() => SendAttachmentRequest)
  attachment?: SendAttachmentRequest;

  /**
   * A person's own answer within 7 days instead of 24 hours; the app needs Meta's Human Agent permission.
   * @example "HUMAN_AGENT"
   */
  @IsOptional()
  @IsIn(['HUMAN_AGENT'])
  tag?: 'HUMAN_AGENT';
}
