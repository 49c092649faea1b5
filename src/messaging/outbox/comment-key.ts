import { sha256 } from '../../crypto/index.js';

/** The key of the message that a comment becomes when it is answered: once for ever, whoever answers it. */
export function commentKey(commentId: string): string {
  return sha256('comment', commentId);
}
