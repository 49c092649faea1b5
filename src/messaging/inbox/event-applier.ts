import { Injectable } from '@nestjs/common';
import { AccountRepository } from '../../accounts/index.js';
import { ConversationRepository, MessageRepository } from '../../conversations/index.js';
import type { Tx } from '../../database/index.js';
import { CooldownRepository, RuleSets } from '../../rules/index.js';
import { EchoMatcher, type EchoMatches } from '../outbox/echo-matcher.js';
import { OutboxRepository } from '../outbox/outbox.repository.js';
import { EventBatch, readEvent, recordKey, type BatchState, type ReadEvent } from './event-batch.js';
import { InboxEventRepository } from './inbox-event.repository.js';
import type { DueEvent, SettledEvent } from './inbox-event.js';

/** Applies events as a set: a handful of statements with many rows, whatever the number of events. */
@Injectable()
export class EventApplier {
  constructor(
    private readonly accounts: AccountRepository,
    private readonly conversations: ConversationRepository,
    private readonly messages: MessageRepository,
    private readonly ruleSets: RuleSets,
    private readonly cooldowns: CooldownRepository,
    private readonly outbox: OutboxRepository,
    private readonly echoes: EchoMatcher,
    private readonly events: InboxEventRepository,
  ) {}

  /** The caller holds the lane of all of them. All of it commits with `tx`, or none. */
  async apply(tx: Tx, events: readonly DueEvent[], now: Date): Promise<readonly SettledEvent[]> {
    if (events.length === 0) return [];
    const ordered = events.toSorted((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime() || a.id - b.id).map(readEvent);
    const batch = new EventBatch(await this.load(tx, ordered), now);
    for (const event of ordered) batch.apply(event);
    await this.conversations.upsertMany(tx, batch.changedConversations);
    await this.messages.insertMany(tx, batch.messages);
    await this.outbox.insertMany(tx, batch.sends);
    if (batch.firings.length > 0) await this.cooldowns.record(tx, batch.firings);
    await this.events.markSettled(tx, batch.settled, now);
    return batch.settled;
  }

  private async load(tx: Tx, ordered: readonly ReadEvent[]): Promise<BatchState> {
    const accountIds = [...new Set(ordered.map(({ event }) => event.accountId))];
    const keys = new Map(ordered.map(({ event }) => [event.conversationId, { accountId: event.accountId, id: event.conversationId }]));
    const conversations = await this.conversations.lockMany(tx, [...keys.values()]);
    const settings = await this.accounts.getSettings(tx, accountIds);
    const active = accountIds.filter((id) => settings.get(id)?.status === 'active');
    const rules = active.length === 0 ? new Map<string, never>() : await this.ruleSets.forAccounts(tx, active);
    const cooling = [...keys.values()].filter(({ accountId }) => rules.get(accountId)?.hasCooldowns);
    const fired = cooling.length === 0 ? new Map<string, never>() : await this.cooldowns.findFired(
      tx, cooling.map(({ accountId, id }) => ({ accountId, conversationId: id })),
    );
    // Before the look-up of what is recorded: an echo that settles a send is recorded by that.
    const confirmed = await this.matchEchoes(tx, ordered);
    const existing = await this.messages.findExistingExternal(
      tx, ordered.map(({ event, externalKey }) => ({ accountId: event.accountId, externalKey })),
    );
    const recorded = new Set(existing.map((message) => recordKey(message.accountId, message.externalKey ?? '')));
    return { settings, rules, conversations, fired, recorded, confirmed };
  }

  private async matchEchoes(tx: Tx, ordered: readonly ReadEvent[]): Promise<EchoMatches> {
    const echoes = ordered.flatMap(({ event, content, ignoredBecause }) =>
      event.kind !== 'echo' || content.mid === null || ignoredBecause !== null ? [] : [{
      accountId: event.accountId, conversationId: event.conversationId, mid: content.mid, text: content.text,
      attachments: content.attachments, at: event.occurredAt,
    }]);
    return await this.echoes.match(tx, echoes);
  }
}
