import type { ClaimedMessage } from './outbox-message.js';

/** Claimed sends of one conversation, in their order: one is under way, the others wait for what becomes of it. */
export class ConversationRun {
  private readonly waiting: ClaimedMessage[] = [];
  private last: number;
  private broken = false;

  constructor(first: ClaimedMessage) {
    this.last = first.id;
  }

  /** Whether nothing of it waits any more, or ever will: what went before it does not let it go. */
  get isBroken(): boolean {
    return this.broken;
  }

  /** Whether this one is its last, so that what is put into the outbox behind it may stand behind it here too. */
  endsWith(id: number): boolean {
    return this.last === id;
  }

  get length(): number {
    return this.waiting.length;
  }

  append(message: ClaimedMessage): void {
    this.waiting.push(message);
    this.last = message.id;
  }

  next(): ClaimedMessage | undefined {
    return this.waiting.shift();
  }

  /** @returns those that waited */
  break(): readonly ClaimedMessage[] {
    this.broken = true;
    return this.waiting.splice(0);
  }
}

/** What is to be done with a claimed send: call it; leave it with those it waits behind; or give the claim back. */
export type Turn = 'go' | 'wait' | 'give back';

/** What follows from the record of a send. */
export interface Follow {
  /** Its turn has come. */
  readonly go: ClaimedMessage | null;
  readonly giveBack: readonly ClaimedMessage[];
}

/**
 * The runs of an account's conversations in this process. Of a conversation one send is under way until it is recorded
 * what became of it, and the next goes only if it was settled: whatever else happens, those that wait have not been called.
 */
export class ConversationRuns {
  private readonly runs = new Map<string, ConversationRun>();

  /** How many wait. */
  get waiting(): number {
    let count = 0;
    for (const run of this.runs.values()) count += run.length;
    return count;
  }

  isFollowed({ conversationId }: ClaimedMessage): boolean {
    return (this.runs.get(conversationId)?.length ?? 0) > 0;
  }

  /** @param lastId the outbox id of what stands last in the conversation, committed. @returns the run that ends with it */
  endingWith(conversationId: string, lastId: number): ConversationRun | null {
    const run = this.runs.get(conversationId);
    return run?.endsWith(lastId) === true ? run : null;
  }

  /** @param behind the run it was put into the outbox behind; null: nothing was unsettled before it */
  add(message: ClaimedMessage, behind: ConversationRun | null): Turn {
    if (behind?.isBroken === true) return 'give back';
    const run = this.runs.get(message.conversationId);
    if (run) {
      run.append(message);
      return 'wait';
    }
    this.runs.set(message.conversationId, new ConversationRun(message));
    return 'go';
  }

  /** @param settled it is recorded, and the outbox is done with it */
  recorded({ conversationId }: ClaimedMessage, settled: boolean): Follow {
    const run = this.runs.get(conversationId);
    const next = settled ? run?.next() : undefined;
    if (next) return { go: next, giveBack: [] };
    this.runs.delete(conversationId);
    return { go: null, giveBack: settled ? [] : (run?.break() ?? []) };
  }
}
