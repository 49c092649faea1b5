import { IsIn, Length, Matches, ValidateIf } from 'class-validator';
import { CONTENT_LIMITS } from '../../../common/content/content.js';
import { MayBeAbsent } from '../../../common/may-be-absent.decorator.js';
import { OnlyWhen } from '../../../common/only-when.decorator.js';

/** One of our ids, or Instagram's mid. */
export const MESSAGE_REFERENCE = /^[\x21-\x7e]{1,1000}$/;

const reacts = ({ action = 'react' }: ReactionRequest): boolean => action === 'react';

export class ReactionRequest {
  /**
   * The message: its `id`, or its `externalId`.
   * @example "0193591c-4a5e-7b6e-9d5a-3f8f1c2b7a10"
   */
  @Matches(MESSAGE_REFERENCE, { message: 'messageId must be the id or the externalId of a message' })
  messageId!: string;

  /** Default react. */
  @MayBeAbsent()
  @IsIn(['react', 'unreact'])
  action?: 'react' | 'unreact';

  /**
   * `love`, or any emoji; absent for `unreact`.
   * @example "❤️"
   */
  @ValidateIf((request: ReactionRequest) => reacts(request) || request.reaction !== undefined)
  @OnlyWhen(reacts, 'reaction is given up whole by unreact: leave it out')
  @Length(1, CONTENT_LIMITS.reaction, { message: 'reaction must be love, or an emoji' })
  reaction?: string;
}
