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
  createdAt: Date;
  updatedAt: Date;
}

/** Customers are keyed by (account, IGSID): Meta gives one person a different IGSID for each business. */
export function conversationIdOf(accountId: string, participantId: string): string {
  return `${accountId}:${participantId}`;
}

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

/** Whether rules may answer at `now`. A pause that has run out is over, whether or not anybody has cleared it. */
export function automationAt(conversation: ConversationRow, now: Date): AutomationState {
  if (!conversation.automationPaused) return RUNNING;
  const until = conversation.automationPausedUntil;
  if (until !== null && until.getTime() <= now.getTime()) return RUNNING;
  return { paused: true, pausedUntil: until, reason: conversation.automationReason };
}
