export interface MetaMessage {
  readonly mid: string;
  readonly from: string;
  readonly to: string;
  readonly text: string | null;
  readonly attachments: readonly unknown[];
  readonly at: Date;
}

interface Thread {
  readonly id: string;
  readonly accountId: string;
  readonly person: string;
  readonly messages: MetaMessage[];
  readonly mids: Set<string>;
  lastInboundAt: Date | null;
}

const HOUR_MS = 3_600_000;

/** What was said in each conversation, as the Conversations API tells it. */
export class MetaConversations {
  private readonly threads = new Map<string, Thread>();
  private readonly byMid = new Map<string, { accountId: string; message: MetaMessage }>();

  /** A message delivered twice is one message. */
  record(accountId: string, person: string, message: MetaMessage): void {
    const thread = this.threadOf(accountId, person);
    if (thread.mids.has(message.mid)) return;
    thread.mids.add(message.mid);
    thread.messages.push(message);
    this.byMid.set(message.mid, { accountId, message });
    if (message.from === person) this.openWindow(accountId, person, message.at);
  }

  openWindow(accountId: string, person: string, at: Date): void {
    const thread = this.threadOf(accountId, person);
    if (thread.lastInboundAt === null || thread.lastInboundAt < at) thread.lastInboundAt = at;
  }

  /** False when it is known that the person's last word is too old; somebody never heard of is let through. */
  mayWrite(accountId: string, person: string, humanAgent: boolean, now: Date): boolean {
    const last = this.threads.get(`${accountId}:${person}`)?.lastInboundAt;
    if (!last) return true;
    return now.getTime() - last.getTime() < (humanAgent ? 7 * 24 : 24) * HOUR_MS;
  }

  /** Newest first. */
  list(accountId: string, person: string | null): { id: string; updatedAt: Date }[] {
    return [...this.threads.values()]
      .filter((thread) => thread.accountId === accountId && (person === null || thread.person === person))
      .map((thread) => ({ id: thread.id, updatedAt: thread.messages.at(-1)?.at ?? new Date(0) }))
      .sort((a, b) => b.updatedAt.getTime() - a.updatedAt.getTime());
  }

  /** A conversation's messages, newest first; undefined when it is not this account's. */
  messages(accountId: string, conversationId: string): readonly MetaMessage[] | undefined {
    const thread = this.threads.get(Buffer.from(conversationId, 'base64url').toString('utf8'));
    if (!thread || thread.accountId !== accountId) return undefined;
    return thread.messages.toReversed();
  }

  message(accountId: string, mid: string): MetaMessage | undefined {
    const found = this.byMid.get(mid);
    return found?.accountId === accountId ? found.message : undefined;
  }

  private threadOf(accountId: string, person: string): Thread {
    const key = `${accountId}:${person}`;
    let thread = this.threads.get(key);
    if (!thread) {
      const id = Buffer.from(key, 'utf8').toString('base64url');
      thread = { id, accountId, person, messages: [], mids: new Set(), lastInboundAt: null };
      this.threads.set(key, thread);
    }
    return thread;
  }
}
