import { Injectable } from '@nestjs/common';
import { AccountRepository } from '../../accounts/index.js';
import { automationAt, ConversationRepository, EarlyChangeRepository, EarlyChanges, MessageRepository, type ExternalKey } from '../../conversations/index.js';
import type { Tx } from '../../database/index.js';
import { CooldownRepository, RuleSets } from '../../rules/index.js';
import { EchoMatcher, type EchoMatches } from '../outbox/echo-matcher.js';
import { NewSends } from '../outbox/new-sends.js';
import { PrivateReplyRepository, type CommentOf } from '../outbox/private-reply.repository.js';
import { EventBatch, type BatchState } from './event-batch.js';
import { InboxEventRepository } from './inbox-event.repository.js';
import type { DueEvent, SettledEvent } from './inbox-event.js';
import { lastByPerson } from './policies/takeover.policy.js';
import { inTurn, readEvent, type ReadEvent } from './read-event.js';
import { SlowAccounts } from './rule-time.js';

/** Applies events as a set: a handful of statements with many rows, whatever the number of events. */
@Injectable()
export class EventApplier {
  private readonly slow = new SlowAccounts();

  constructor(
    private readonly accounts: AccountRepository,
    private readonly conversations: ConversationRepository,
    private readonly messages: MessageRepository,
    private readonly early: EarlyChangeRepository,
    private readonly earlyChanges: EarlyChanges,
    private readonly ruleSets: RuleSets,
    private readonly cooldowns: CooldownRepository,
    private readonly newSends: NewSends,
    private readonly echoes: EchoMatcher,
    private readonly privateReplies: PrivateReplyRepository,
    private readonly events: InboxEventRepository,
  ) {}

  /**
   * The caller holds the lane of all of them. All of it commits with `tx`, or none.
   * @returns those that were applied, at least one: where rules are slow the rest is left as it stands, for the next set
   */
  async apply(tx: Tx, events: readonly DueEvent[], now: Date): Promise<readonly SettledEvent[]> {
    if (events.length === 0) return [];
    const ordered = inTurn(events.map(readEvent));
    const state = await this.load(tx, ordered, now);
    const batch = new EventBatch(state, now);
    for (const event of this.slow.putLast(ordered)) {
      if (batch.ruleTime.isUp) break;
      batch.apply(event);
    }
    this.slow.learn(batch.ruleTime);
    await this.save(tx, batch, state, now);
    await this.events.markSettled(tx, batch.settled, now);
    return batch.settled;
  }

  private async load(tx: Tx, ordered: readonly ReadEvent[], now: Date): Promise<BatchState> {
    const accountIds = [...new Set(ordered.map(({ event }) => event.accountId))];
    const keys = [...conversationsOf(ordered)].map(([id, accountId]) => ({ accountId, id }));
    const conversations = await this.conversations.lockMany(tx, keys);
    const settings = await this.accounts.getSettings(tx, accountIds);
    const active = accountIds.filter((id) => settings.get(id)?.status === 'active');
    const rules = active.length === 0 ? new Map<string, never>() : await this.ruleSets.forAccounts(tx, active);
    const cooling = keys.filter(({ accountId }) => rules.get(accountId)?.hasCooldowns);
    const fired = cooling.length === 0 ? new Map<string, never>() : await this.cooldowns.findFired(
      tx, cooling.map(({ accountId, id }) => ({ accountId, conversationId: id })),
    );
    // Before the look-up of what is recorded: an echo that settles a send is recorded by that.
    const confirmed = await this.matchEchoes(tx, ordered);
    const messages = await this.messages.lockByExternalKeys(tx, externalKeysOf(ordered, ['message', 'change', 'comment']));
    const early = await this.early.findMany(tx, externalKeysOf(ordered, ['message', 'change']), { locking: false });
    const answered = await this.privateReplies.findAnswered(tx, commentsIn(ordered, conversations));
    const byPerson = lastByPerson(ordered, confirmed, settings, now);
    return { settings, rules, conversations, fired, messages, early, answered, confirmed, byPerson };
  }

  private async save(tx: Tx, { changes, answering }: EventBatch, { settings }: BatchState, now: Date): Promise<void> {
    const { newMessages, newEarlyChanges } = changes;
    await this.conversations.upsertMany(tx, changes.changedConversations);
    // Where a later event of the batch has paused automation, the claim finds out what of it is still wanted.
    const paused = new Set(changes.changedConversations.filter((conversation) => automationAt(conversation, now).paused).map(({ id }) => id));
    const claimed = await this.newSends.claim(
      tx, answering.sends, ({ accountId, conversationId }) => settings.get(accountId)?.sendsFreely === true && !paused.has(conversationId),
    );
    for (const message of newMessages) if (claimed.has(message.id)) changes.patchMessage(message, { status: 'sending' });
    await this.messages.insertMany(tx, newMessages);
    await this.messages.saveChanges(tx, changes.changedMessages);
    await this.early.insertMany(tx, newEarlyChanges, now);
    await this.early.deleteMany(tx, changes.awaitedChanges);
    await this.earlyChanges.settle(tx, [...newMessages.flatMap(externalKeyOf), ...newEarlyChanges]);
    await this.newSends.insert(tx, answering.sends, claimed);
    if (answering.firings.length > 0) await this.cooldowns.record(tx, answering.firings);
  }

  private async matchEchoes(tx: Tx, ordered: readonly ReadEvent[]): Promise<EchoMatches> {
    const echoes = ordered.flatMap(({ event, subject, conversationId }) => {
      if (subject.is !== 'message' || subject.inbound || subject.content.mid === null || conversationId === null) return [];
      const { mid, text, attachments } = subject.content;
      return [{ accountId: event.accountId, conversationId, mid, text, attachments, at: event.occurredAt }];
    });
    return await this.echoes.match(tx, echoes);
  }
}

function conversationsOf(ordered: readonly ReadEvent[]): Map<string, string> {
  const owners = new Map<string, string>();
  for (const { event, conversationId } of ordered) if (conversationId !== null) owners.set(conversationId, event.accountId);
  return owners;
}

/** Of people who have a conversation: of the others nobody has been written to. */
function commentsIn(ordered: readonly ReadEvent[], conversations: ReadonlyMap<string, unknown>): CommentOf[] {
  return ordered.flatMap(({ event: { accountId }, subject, conversationId }) =>
    subject.is === 'comment' && conversationId !== null && conversations.has(conversationId) ? [{ accountId, conversationId, commentId: subject.comment.id }] : []);
}

function externalKeysOf(ordered: readonly ReadEvent[], kinds: readonly ReadEvent['subject']['is'][]): ExternalKey[] {
  return ordered.flatMap(({ event, subject, externalKey }) =>
    externalKey !== null && kinds.includes(subject.is) ? [{ accountId: event.accountId, externalKey }] : []);
}

function externalKeyOf({ accountId, externalKey }: { readonly accountId: string; readonly externalKey: string | null }): ExternalKey[] {
  return externalKey === null ? [] : [{ accountId, externalKey }];
}
