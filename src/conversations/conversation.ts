import { latest } from '../common/times.js';

/** A conversation as repositories hand it around. */
export interface ConversationRow {
  readonly id: string;
  readonly accountId: string;
  readonly participantId: string;
  participantUsername: string | null;
  participantName: string | null;
  profileCheckedAt: Date | null;
  lastMessageAt: Date | null;
  lastInboundAt: Date | null;
  windowClosesAt: Date | null;
  /** Over both directions; also the position of the newest message. */
  messageCount: number;
  automationPaused: boolean;
  /** Null while paused: until somebody resumes it. */
  automationPausedUntil: Date | null;
  automationReason: string | null;
  /** Until when a person who typed elsewhere is left alone with the customer. */
  takeoverUntil: Date | null;
  /** Automatic answers that have followed one another without a person, and since when. */
  automaticTurns: number;
  automaticTurnsSince: Date | null;
  optedOut: boolean;
  /** When the customer, or an operator, last decided about automatic answers. */
  consentChangedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** Customers are keyed by (account, IGSID): Meta gives one person a different IGSID for each business. */
export function conversationIdOf(accountId: string, participantId: string): string {
  return `${accountId}:${participantId}`;
}

/**
 * Ids of people are Meta's: digits so far, and nothing here counts on that. What is no such id would not be safe in ids of our own,
 * nor in the path of a call.
 */
export const PARTICIPANT_ID = /^[A-Za-z0-9][\w.-]{0,49}$/;

/** A conversation before its first message. */
export function newConversation(accountId: string, participantId: string, now: Date): ConversationRow {
  return {
    id: conversationIdOf(accountId, participantId),
    accountId,
    participantId,
    participantUsername: null,
    participantName: null,
    profileCheckedAt: null,
    lastMessageAt: null,
    lastInboundAt: null,
    windowClosesAt: null,
    messageCount: 0,
    automationPaused: false,
    automationPausedUntil: null,
    automationReason: null,
    takeoverUntil: null,
    automaticTurns: 0,
    automaticTurnsSince: null,
    optedOut: false,
    consentChangedAt: null,
    createdAt: now,
    updatedAt: now,
  };
}

export interface AutomationState {
  readonly paused: boolean;
  readonly pausedUntil: Date | null;
  readonly reason: string | null;
}

const RUNNING: AutomationState = { paused: false, pausedUntil: null, reason: null };

/**
 * Whether rules may answer at `now`. The customer's opt-out, an operator's pause and a takeover stand side by side, so that
 * none ends or shortens another. One that has run out is over, whether or not anybody has cleared it.
 */
export function automationAt(conversation: ConversationRow, now: Date): AutomationState {
  const { automationPaused, automationPausedUntil, automationReason, takeoverUntil } = conversation;
  if (conversation.optedOut) return { paused: true, pausedUntil: null, reason: OPTED_OUT };
  const takenOver = takeoverUntil !== null && takeoverUntil > now;
  if (automationPaused && automationPausedUntil === null) return { paused: true, pausedUntil: null, reason: automationReason };
  if (automationPaused && automationPausedUntil !== null && automationPausedUntil > now) {
    const pausedUntil = takenOver ? latest(automationPausedUntil, takeoverUntil) : automationPausedUntil;
    return { paused: true, pausedUntil, reason: automationReason };
  }
  return takenOver ? { paused: true, pausedUntil: takeoverUntil, reason: TAKEOVER } : RUNNING;
}

/** Reasons of a pause; the other is `operator`. */
export const OPTED_OUT = 'opted_out';
export const TAKEOVER = 'takeover';
