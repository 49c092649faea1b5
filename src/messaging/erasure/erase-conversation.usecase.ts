import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { AuditTrail } from '../../audit/index.js';
import type { RequestContext } from '../../common/request-context.js';
import { ConversationErasureRepository } from '../../conversations/index.js';
import { TransactionRunner, type Tx } from '../../database/index.js';
import { BeginErasure, type BegunErasure } from './begin-erasure.js';
import { EraseEvents } from './erase-events.js';
import { EraseMessages } from './erase-messages.js';
import { SETTLED, type SettledStatus } from './erased-event.repository.js';
import { overtaken, queuedAgain, shuttingDown } from './erasure.errors.js';

/** Rows a transaction: what the person writes meanwhile waits for no more than these messages to go. */
const PIECE = 500;

/**
 * Erases what is kept of a conversation: at once what its row says, then its events, the person's ids in the audit trail and
 * its messages, piece by piece, and the row at the end. What comes meanwhile begins the conversation anew. One that was
 * broken off is completed by the next.
 */
@Injectable()
export class EraseConversationUseCase implements BeforeApplicationShutdown {
  private stopping = false;

  constructor(
    private readonly transactions: TransactionRunner,
    private readonly beginning: BeginErasure,
    private readonly events: EraseEvents,
    private readonly messages: EraseMessages,
    private readonly erasures: ConversationErasureRepository,
    private readonly audit: AuditTrail,
  ) {}

  beforeApplicationShutdown(): void {
    this.stopping = true;
  }

  async execute(ctx: RequestContext, accountId: string, conversationId: string): Promise<void> {
    const begun = await this.beginning.execute(ctx, accountId, conversationId);
    // Before the messages, which say whose an event is that names no person.
    for (const status of SETTLED) await this.eraseEvents(begun, status);
    await this.forgetInTrail(begun);
    await this.pages(async (tx, from) => {
      await this.lock(tx, begun);
      return await this.messages.erasePiece(tx, begun, from, PIECE);
    });
    await this.piece(async (tx) => {
      await this.lock(tx, begun);
      if (await this.erasures.hasMessages(tx, begun)) throw queuedAgain();
      await this.erasures.finish(tx, begun);
    });
  }

  private async eraseEvents(begun: BegunErasure, status: SettledStatus): Promise<void> {
    const upTo = begun.lastEventId;
    await this.pages((tx, after) => this.events.erasePage(tx, begun, { status, after, upTo, limit: PIECE }));
  }

  private async forgetInTrail(begun: BegunErasure): Promise<void> {
    const upTo = begun.lastEntryId;
    await this.pages((tx, after) => this.audit.forgetPerson(tx, begun.accountId, begun.person, { after, upTo, limit: PIECE }));
  }

  /** Places are counted from where this one began: two that take turns would take each other's new messages for old ones. */
  private async lock(tx: Tx, begun: BegunErasure): Promise<void> {
    if (!(await this.erasures.lockBegun(tx, begun))) throw overtaken();
  }

  /** Each page says where the next one begins. */
  private async pages(page: (tx: Tx, from: number) => Promise<number | null>): Promise<void> {
    let next: number | null = 0;
    while (next !== null) {
      const from: number = next;
      next = await this.piece((tx) => page(tx, from));
    }
  }

  private async piece<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    if (this.stopping) throw shuttingDown();
    return await this.transactions.run(work);
  }
}
