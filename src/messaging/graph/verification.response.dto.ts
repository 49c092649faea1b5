export class VerificationResponse {
  /** True: Instagram accepted the token, and it belongs to this account. */
  ok!: boolean;

  /**
   * The professional account the token belongs to.
   * @example "17841400000000001"
   */
  userId!: string | null;

  /** @example "my.shop" */
  username!: string | null;

  /** Why not, in plain words. */
  error!: string | null;
}
