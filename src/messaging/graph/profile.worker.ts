import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { AccountDirectory, CredentialsUnreadableError } from '../../accounts/index.js';
import { Clock } from '../../common/clock.js';
import { messageOf } from '../../common/errors.js';
import { ConversationRepository, type ConversationRow } from '../../conversations/index.js';
import { TransactionRunner } from '../../database/index.js';
import { ProfileLookup, type ProfileResult } from './profile-lookup.js';

const EVERY_MS = 1_000;
/** A few a second over all accounts: names are a nicety, and share the platform's limits with what matters. */
const AT_ONCE = 5;
const AGAIN_AFTER_MS = 7 * 24 * 60 * 60_000;
/** For a person whose account could not ask: due again this soon. */
const SKIPPED_FOR_MS = 10 * 60_000;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 10 * 60_000;
/** However long Graph asks to be left alone, as for sends: a header that is out of all reason must not end it for good. */
const LONGEST_ASKED_MS = 24 * 60 * 60_000;
const LONGEST_NAME = 255;

/** Learns customers' names, after the fact and at its own pace: no reply waits for it. */
@Injectable()
export class ProfileWorker {
  private readonly logger = new Logger('ProfileWorker');
  private readonly end = new AbortController();
  private readonly resting = new Map<string, { until: number; pauseMs: number }>();
  private loop: Promise<void> | null = null;

  constructor(
    private readonly transactions: TransactionRunner,
    private readonly conversations: ConversationRepository,
    private readonly directory: AccountDirectory,
    private readonly lookup: ProfileLookup,
    private readonly clock: Clock,
  ) {}

  start(): void {
    this.loop ??= this.runOn();
  }

  async stop(): Promise<void> {
    this.end.abort();
    await this.loop;
  }

  /** One round; the loop's, and the tests'. */
  async round(): Promise<void> {
    const checkedBefore = new Date(this.clock.now().getTime() - AGAIN_AFTER_MS);
    // Should this process die over it, they are due again as those are whose account may not ask.
    const claimedAt = this.soon();
    const needing = await this.transactions.run((tx) => this.conversations.claimNeedingProfile(tx, AT_ONCE, checkedBefore, claimedAt));
    await Promise.all(needing.map((conversation) => this.learn(conversation, claimedAt)));
  }

  private async learn(conversation: ConversationRow, claimedAt: Date): Promise<void> {
    const { accountId } = conversation;
    const account = await this.directory.find(accountId);
    // Where Instagram wants no calls, each would make that longer.
    const isPaused = (account?.sendingPausedUntil ?? this.clock.now()) > this.clock.now();
    const usable = account?.status === 'active' && account.tokenStatus !== 'invalid' && !isPaused && !this.isResting(accountId);
    const accessToken = usable ? await this.tokenOf(accountId) : null;
    const result: ProfileResult = accessToken === null
      ? { kind: 'unanswered', reason: 'the account may not ask now', retryAfterMs: null }
      : await this.lookup.find(conversation.participantId, accessToken);
    if (accessToken !== null) this.rest(accountId, result);
    await this.save(conversation, result, claimedAt);
  }

  /** Null: it does not open, which is shown with the account; the others of a round must not suffer for it. */
  private async tokenOf(accountId: string): Promise<string | null> {
    try {
      return await this.directory.accessToken(accountId);
    } catch (error) {
      if (error instanceof CredentialsUnreadableError) return null;
      throw error;
    }
  }

  private async save(conversation: ConversationRow, result: ProfileResult, claimedAt: Date): Promise<void> {
    // Whom nothing was learnt about is not asked for again at once: it would stand at the head of the line for ever. The claim has
    // put it there, with what was known before.
    if (result.kind === 'unanswered') return;
    const found = result.kind === 'found' ? result : null;
    await this.transactions.run((tx) =>
      this.conversations.saveProfile(tx, conversation.accountId, conversation.id, {
        username: found?.username?.slice(0, LONGEST_NAME) ?? null,
        name: found?.name?.slice(0, LONGEST_NAME) ?? null,
        checkedAt: this.clock.now(),
      }, claimedAt),
    );
  }

  /** As if it had been asked for so long ago that it is due again in a while. */
  private soon(): Date {
    return new Date(this.clock.now().getTime() - AGAIN_AFTER_MS + SKIPPED_FOR_MS);
  }

  private isResting(accountId: string): boolean {
    return (this.resting.get(accountId)?.until ?? 0) > this.clock.now().getTime();
  }

  private rest(accountId: string, result: ProfileResult): void {
    if (result.kind !== 'unanswered') {
      this.resting.delete(accountId);
      return;
    }
    const before = this.resting.get(accountId)?.pauseMs ?? 0;
    const pauseMs = Math.max(Math.min(result.retryAfterMs ?? 0, LONGEST_ASKED_MS), Math.min(LONGEST_PAUSE_MS, before === 0 ? FIRST_PAUSE_MS : before * 2));
    this.resting.set(accountId, { until: this.clock.now().getTime() + pauseMs, pauseMs });
    this.logger.warn({ msg: `Profiles cannot be looked up, pausing: ${result.reason}`, accountId });
  }

  private async runOn(): Promise<void> {
    const { signal } = this.end;
    while (!signal.aborted) {
      try {
        await this.round();
      } catch (error) {
        this.logger.error(`Profiles could not be looked up: ${messageOf(error)}`);
      }
      await delay(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
