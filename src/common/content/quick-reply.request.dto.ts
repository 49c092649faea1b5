import { IsIn, Length, Matches, ValidateIf } from 'class-validator';
import { MayBeAbsent } from '../may-be-absent.decorator.js';
import { OnlyWhen } from '../only-when.decorator.js';
import { CONTENT_LIMITS, QUICK_REPLY_TYPES, type QuickReply, type QuickReplyType } from './content.js';

const isText = ({ contentType = 'text' }: QuickReplyRequest): boolean => contentType === 'text';
const OfText = (field: 'title' | 'payload'): PropertyDecorator =>
  OnlyWhen(isText, `${field} belongs to quick replies of contentType text: leave it out`);

export class QuickReplyRequest {
  /** `user_phone_number` and `user_email` offer the person's own, and have neither title nor payload. Default text. */
  @MayBeAbsent()
  @IsIn(QUICK_REPLY_TYPES)
  contentType?: QuickReplyType;

  /**
   * What stands on the button, and comes back as the text of the answer.
   * @example "Opening hours"
   */
  @ValidateIf((reply: QuickReplyRequest) => isText(reply) || reply.title !== undefined)
  @OfText('title')
  @Matches(/\S/, { message: 'title must not be blank' })
  @Length(1, CONTENT_LIMITS.buttonTitle, {
    message: `title must have 1 to ${String(CONTENT_LIMITS.buttonTitle)} characters: Instagram shows no more`,
  })
  title?: string;

  /**
   * What comes back with a tap, for a rule with the trigger `quick_reply`; nobody sees it.
   * @example "HOURS"
   */
  @ValidateIf((reply: QuickReplyRequest) => isText(reply) || reply.payload !== undefined)
  @OfText('payload')
  @Length(1, CONTENT_LIMITS.payload, { message: `payload must have 1 to ${String(CONTENT_LIMITS.payload)} characters` })
  payload?: string;

  static toContent(request: QuickReplyRequest): QuickReply {
    const { contentType = 'text', title = '', payload = '' } = request;
    return contentType === 'text' ? { contentType, title, payload } : { contentType };
  }
}
