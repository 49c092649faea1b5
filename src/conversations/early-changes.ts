import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/index.js';
import { applyChange } from './changes/apply-change.js';
import type { ExternalKey } from './early-change.js';
import { EarlyChangeRepository } from './early-change.repository.js';
import { MessageRepository } from './message.repository.js';

/** Brings changes and messages together that came the wrong way round. */
@Injectable()
export class EarlyChanges {
  constructor(
    private readonly changes: EarlyChangeRepository,
    private readonly messages: MessageRepository,
  ) {}

  /**
   * Applies what waits for these messages, if they are there. To be called after the message, or the change, has been
   * written in the same transaction: whoever writes the other one at the same moment then either sees this, or is seen
   * (both reads lock, so that each waits for the other's row; should both wait, one of them is run again).
   */
  async settle(tx: Tx, keys: readonly ExternalKey[]): Promise<void> {
    const waiting = keys.length === 0 ? [] : await this.changes.findMany(tx, keys, { locking: true });
    if (waiting.length === 0) return;
    const rows = new Map((await this.messages.lockByExternalKeys(tx, waiting)).map((row) => [slotOf(row), row]));
    for (const { change, ...key } of waiting) {
      const row = rows.get(slotOf(key));
      if (row) rows.set(slotOf(key), applyChange(row, change));
    }
    const changed = [...rows.values()];
    await this.messages.saveChanges(tx, changed);
    await this.changes.deleteMany(tx, waiting.filter((key) => rows.has(slotOf(key))));
  }
}

function slotOf({ accountId, externalKey }: { readonly accountId: string; readonly externalKey: string | null }): string {
  return `${accountId} ${String(externalKey)}`;
}
