import { Injectable } from '@nestjs/common';
import { EarlyChangeRepository, MessageRepository, type Erasure } from '../../conversations/index.js';
import { sha256 } from '../../crypto/index.js';
import type { Tx } from '../../database/index.js';
import { parseJsonWithBigInts } from '../inbox/parsing/json-with-big-ints.js';
import { readPayload } from '../inbox/parsing/read-payload.js';
import { ErasedEventRepository, type EventPage, type SettledEventRow } from './erased-event.repository.js';

/** Takes a conversation's events out of the inbox, with the changes that wait for messages of it. */
@Injectable()
export class EraseEvents {
  constructor(
    private readonly events: ErasedEventRepository,
    private readonly messages: MessageRepository,
    private readonly early: EarlyChangeRepository,
  ) {}

  /**
   * To be called while the messages are there: of an event that names no person they say whose it is.
   * @returns behind which event the next page begins; null: this was the last one
   */
  async erasePage(tx: Tx, { accountId, conversationId }: Erasure, page: EventPage): Promise<number | null> {
    const rows = await this.events.listSettled(tx, accountId, conversationId, page);
    const changed = new Map(rows.flatMap((row) => {
      const key = changedKeyOf(row, accountId);
      return key === null ? [] : [[row, key] as const];
    }));
    const nameless = [...changed].filter(([row]) => row.conversationId === null).map(([, externalKey]) => ({ accountId, externalKey }));
    const known = nameless.length === 0 ? [] : await this.messages.findExistingExternal(tx, nameless);
    const own = new Set(known.filter((message) => message.conversationId === conversationId).map((message) => message.externalKey));
    const erased = rows.filter((row) => row.conversationId === conversationId || own.has(changed.get(row) ?? null));
    await this.forgetWaiting(tx, accountId, erased.flatMap((row) => changed.get(row) ?? []));
    await this.events.strip(tx, accountId, erased.map((row) => row.id));
    return rows.length < page.limit ? null : (rows.at(-1)?.id ?? null);
  }

  private async forgetWaiting(tx: Tx, accountId: string, externalKeys: readonly string[]): Promise<void> {
    if (externalKeys.length === 0) return;
    const waiting = await this.early.findMany(tx, externalKeys.map((externalKey) => ({ accountId, externalKey })), { locking: false });
    await this.early.deleteMany(tx, waiting);
  }
}

/** The key of the message that the event changes; null where it is no change. */
function changedKeyOf({ kind, payload }: SettledEventRow, accountId: string): string | null {
  if (payload === null) return null;
  const { subject } = readPayload(kind, parseJsonWithBigInts(payload), accountId);
  return subject.is === 'change' ? sha256(subject.change.mid) : null;
}
