import { ButtonRequest } from '../common/content/button.request.dto.js';
import type { Media } from '../common/content/content.js';
import { QuickReplyRequest } from '../common/content/quick-reply.request.dto.js';
import type { ResponseExtras } from './engine/response-extras.js';

interface Given {
  readonly quickReplies?: readonly QuickReplyRequest[] | null;
  readonly buttons?: readonly ButtonRequest[] | null;
  readonly media?: Media | null;
  readonly typingSeconds?: number | null;
}

/** Those that were given, as they are kept; null takes one away. */
export function extrasOf({ quickReplies, buttons, media, typingSeconds }: Given): Partial<ResponseExtras> {
  return {
    ...(quickReplies === undefined
      ? {}
      : { quickReplies: quickReplies?.map((reply) => QuickReplyRequest.toContent(reply)) ?? null }),
    ...(buttons === undefined ? {} : { buttons: buttons?.map((button) => ButtonRequest.toContent(button)) ?? null }),
    ...(media === undefined ? {} : { media: media && { type: media.type, url: media.url } }),
    ...(typingSeconds === undefined ? {} : { typingSeconds }),
  };
}
