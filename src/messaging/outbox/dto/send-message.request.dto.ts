import { IsIn, IsNotEmpty, IsOptional, IsString, Matches, ValidateIf } from 'class-validator';
import { ButtonRequest } from '../../../common/content/button.request.dto.js';
import { CONTENT_LIMITS } from '../../../common/content/content.js';
import { MediaRequest } from '../../../common/content/media.request.dto.js';
import { QuickReplyRequest } from '../../../common/content/quick-reply.request.dto.js';
import { NestedList } from '../../../common/nested-list.decorator.js';
import { NestedObject } from '../../../common/nested-object.decorator.js';
import { PARTICIPANT_ID } from '../../../conversations/index.js';
import { SENDER_ACTIONS, type SenderAction } from '../content/outgoing-content.js';
import { ElementRequest } from './element.request.dto.js';
import { MESSAGE_REFERENCE, ReactionRequest } from './reaction.request.dto.js';

/** One content of `text` (with `quickReplies` or `buttons`), `attachment`, `elements`, `sticker`, `reaction`, `action`. */
export class SendMessageRequest {
  /**
   * The customer's Instagram-scoped id: `participantId` of the conversation. May be left out with a `commentId` that is
   * known here.
   * @example "1234567890"
   */
  @ValidateIf(({ recipientId, commentId }: SendMessageRequest) => (recipientId ?? null) !== null || (commentId ?? null) === null)
  @Matches(PARTICIPANT_ID, { message: 'recipientId must be an Instagram-scoped id of at most 50 characters, as participantId of the conversation has it' })
  recipientId?: string;

  /**
   * At most 1000 bytes of UTF-8; with `buttons` at most 640 characters.
   * @example "Hello! How can I help?"
   */
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  text?: string;

  /** An image, audio, video or file (PDF) that Instagram fetches: images up to 8 MB, the rest up to 25 MB. */
  @IsOptional()
  @NestedObject(() => MediaRequest)
  attachment?: MediaRequest;

  /** Answers to choose from, shown under the `text` until the customer writes. At most 13. */
  @IsOptional()
  @NestedList(() => QuickReplyRequest, CONTENT_LIMITS.quickReplies)
  quickReplies?: QuickReplyRequest[];

  /** Buttons under the `text`. At most 3. */
  @IsOptional()
  @NestedList(() => ButtonRequest, CONTENT_LIMITS.buttons)
  buttons?: ButtonRequest[];

  /** Cards beside one another, each with a title and at least a subtitle, image, url or button. At most 10. */
  @IsOptional()
  @NestedList(() => ElementRequest, CONTENT_LIMITS.elements)
  elements?: ElementRequest[];

  /**
   * The heart.
   * @example "like_heart"
   */
  @IsOptional()
  @IsIn(['like_heart'])
  sticker?: 'like_heart';

  /** Reacts to a message of the conversation, or takes that back. */
  @IsOptional()
  @NestedObject(() => ReactionRequest)
  reaction?: ReactionRequest;

  /**
   * Shows the customer that an answer is being typed (for up to 20 seconds), or that the messages were seen. Not listed
   * among the conversation's messages.
   * @example "typing_on"
   */
  @IsOptional()
  @IsIn(SENDER_ACTIONS)
  action?: SenderAction;

  /**
   * The message of the conversation that it answers: its `id`, or its `externalId`.
   * @example "0193591c-4a5e-7b6e-9d5a-3f8f1c2b7a10"
   */
  @IsOptional()
  @Matches(MESSAGE_REFERENCE, { message: 'replyTo must be the id or the externalId of a message' })
  replyTo?: string;

  /**
   * Answers a comment privately: once a comment, within 7 days. With a comment that is not known here, `recipientId` is
   * needed too: the id of who wrote it.
   * @example "17900000000000001"
   */
  @IsOptional()
  @Matches(/^[0-9A-Za-z_-]{1,100}$/, { message: 'commentId must be the id of a comment' })
  commentId?: string;

  /**
   * A person's own answer within 7 days instead of 24 hours; the app needs Meta's Human Agent permission.
   * @example "HUMAN_AGENT"
   */
  @IsOptional()
  @IsIn(['HUMAN_AGENT'])
  tag?: 'HUMAN_AGENT';
}
