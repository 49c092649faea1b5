interface Comment {
  readonly author: string;
  readonly at: Date;
  isAnswered: boolean;
}

const SEVEN_DAYS_MS = 7 * 86_400_000;

/** The comments people wrote; each takes one private reply, for seven days. */
export class MetaComments {
  private readonly comments = new Map<string, Comment>();

  /** A comment told of twice is one comment. */
  note(accountId: string, id: string, author: string, at: Date): void {
    const key = `${accountId}:${id}`;
    if (!this.comments.has(key)) this.comments.set(key, { author, at, isAnswered: false });
  }

  /** Who would get the private reply; null when Meta refuses it. */
  authorToAnswer(accountId: string, id: string, now: Date): string | null {
    const comment = this.comments.get(`${accountId}:${id}`);
    if (!comment || comment.isAnswered || now.getTime() - comment.at.getTime() > SEVEN_DAYS_MS) return null;
    return comment.author;
  }

  markAnswered(accountId: string, id: string): void {
    const comment = this.comments.get(`${accountId}:${id}`);
    if (comment) comment.isAnswered = true;
  }
}
