import type { Attachment } from '../../../conversations/index.js';
import { fieldOf, idOf, objectOf, textOf } from './json-value.js';

/** A message's attachments, of any type there is or will be. The media stays with Meta: only its address is kept. */
export function attachmentsOf(message: unknown): Attachment[] {
  const list = fieldOf(message, 'attachments');
  if (!Array.isArray(list)) return [];
  return withoutOldShares(list).map((item: unknown) => {
    const type = textOf(item, 'type') ?? 'unknown';
    const url = textOf(objectOf(item, 'payload'), 'url');
    return url === null ? { type } : { type, url };
  });
}

/** A shared post may come twice, in the old form (`share`) and in the new one (`ig_post`). */
function withoutOldShares(list: readonly unknown[]): readonly unknown[] {
  const posts = list.filter((item) => textOf(item, 'type') === 'ig_post');
  return list.filter((item) => textOf(item, 'type') !== 'share' || !posts.some((post) => isSamePost(item, post)));
}

function isSamePost(share: unknown, post: unknown): boolean {
  const [a, b] = [objectOf(share, 'payload'), objectOf(post, 'payload')];
  return ['ig_post_media_id', 'url'].some((name) => {
    const id = idOf(a, name);
    return id !== null && id === idOf(b, name);
  });
}
