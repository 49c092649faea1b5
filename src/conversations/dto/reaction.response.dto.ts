export class ReactionResponse {
  /** @example "love" */
  reaction!: string | null;

  /** @example "❤️" */
  emoji!: string | null;

  /** @example "2026-11-24T10:15:30.000Z" */
  at!: string;
}
