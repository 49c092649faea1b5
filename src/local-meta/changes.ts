import type { Change } from './delivery.js';

/** Who commented; `self_ig_scoped_id` is there when it was the account itself. */
export interface Commenter {
  readonly id?: string;
  readonly username?: string;
  readonly self_ig_scoped_id?: string;
}

export interface Comment {
  readonly id: string;
  readonly from?: Commenter;
  readonly text?: string;
  /** The comment this one answers. */
  readonly parent_id?: string;
  readonly media?: Readonly<Record<string, unknown>>;
}

const POST = { id: '17887498072083520', media_product_type: 'FEED' };
const BROADCAST = { id: '17887498072083521', media_product_type: 'LIVE' };

export function commentChange(comment: Comment): Change {
  return { field: 'comments', value: { media: POST, ...comment } };
}

/** Under a post that is shown as an advertisement too: Meta may tell of it twice. */
export function adCommentChange(comment: Comment): Change {
  const media = { ...POST, media_product_type: 'AD', ad_id: '120210000000000001', ad_title: 'An ad', original_media_id: POST.id };
  return { field: 'comments', value: { media, ...comment } };
}

/** While the account is live. */
export function liveCommentChange(comment: Comment): Change {
  return { field: 'live_comments', value: { media: BROADCAST, ...comment } };
}

/** As one of Meta's tables has it: the comment's id under another name. */
export function withCommentId({ field, value }: Change): Change {
  const { id, ...rest } = value as Readonly<Record<string, unknown>>;
  return { field, value: { comment_id: id, ...rest } };
}

/** The account is named in a caption, or in a comment. */
export function mentionChange(mediaId: string, commentId?: string): Change {
  return { field: 'mentions', value: { media_id: mediaId, ...(commentId === undefined ? {} : { comment_id: commentId }) } };
}

/** An hour after a story ended. Values under 5 are told as -1. */
export function storyInsightsChange(mediaId: string): Change {
  const value = { media_id: mediaId, impressions: 444, reach: 44, taps_forward: 4, taps_back: -1, exits: 3, replies: -1 };
  return { field: 'story_insights', value };
}
