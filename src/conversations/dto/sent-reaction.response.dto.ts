export class SentReactionResponse {
  /** @example "react" */
  action!: 'react' | 'unreact';

  /** @example "❤️" */
  reaction!: string | null;

  /**
   * The message that was reacted to.
   * @example "0193591c-4a5e-7b6e-9d5a-3f8f1c2b7a10"
   */
  messageId!: string;
}
