export class AttachmentResponse {
  /**
   * What Meta calls it: image, video, audio, file, share, ig_reel, story_mention …
   * @example "image"
   */
  type!: string;

  /** Where Meta serves it, for a while; absent where it has no address. */
  url?: string;
}
