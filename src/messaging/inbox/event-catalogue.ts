import type { TriggerType } from '../../rules/index.js';
import type { EventKind } from './parsing/event-kind.js';
import { MOST_EVENTS } from './parsing/delivery-size.js';
import { REASONS } from './parsing/reasons.js';

/** What a kind of event looks like, what becomes of it, and what may answer it. `docs/events.md` is checked against this. */
export interface CatalogueEntry {
  /** The forms it is known to come in; S and R stand for sender and recipient. */
  readonly forms: readonly string[];
  readonly stored: string;
  /** The rules that may answer it. */
  readonly triggers: readonly TriggerType[];
  /** True: from then on Meta lets the account write for 24 hours. */
  readonly opensWindow: boolean;
  /** Why it never has an effect; null: it has. */
  readonly ignoredBecause: string | null;
  /** Why one of this kind may have none all the same. */
  readonly exceptions: readonly string[];
}

const TEXT_TRIGGERS = ['exact', 'contains', 'starts_with', 'regex'] as const;
const CHANGE_EXCEPTIONS = [REASONS.noMessage] as const;
const COMMENT_FORMS = '{field, value: {id | comment_id, from: {id?, username?, self_ig_scoped_id?}, text?, parent_id?, media?}}';
const COMMENT: Omit<CatalogueEntry, 'forms'> = {
  stored: 'the event; with the private reply, once for each comment, an inbound message of kind `comment` before it',
  triggers: ['comment'],
  opensWindow: false,
  ignoredBecause: null,
  exceptions: [REASONS.ownComment, REASONS.noAuthor, REASONS.noComment],
};

function ignored(why: string, ...forms: string[]): CatalogueEntry {
  return { forms, stored: 'the event alone', triggers: [], opensWindow: false, ignoredBecause: why, exceptions: [] };
}

/** Every kind there is. */
export const EVENT_CATALOGUE: Readonly<Record<EventKind, CatalogueEntry>> = {
  message: {
    forms: [
      '{S, R, message: {mid, text?, attachments?: [{type, payload?: {url?}}]}}',
      '{…, message: {…, quick_reply: {payload}}}',
      '{…, message: {…, reply_to: {mid} | {story: {id?, url?}}}}',
      '{…, message: {…, referral: {ref?, ad_id?, source?, type?, product?}}}',
      '{…, message: {mid, is_unsupported: true}}',
    ],
    stored: 'an inbound message, once by its mid; a post that comes as `share` and as `ig_post` is one attachment',
    triggers: [...TEXT_TRIGGERS, 'any', 'quick_reply', 'story_reply', 'story_mention', 'referral'],
    opensWindow: true,
    ignoredBecause: null,
    exceptions: [REASONS.noParticipant, REASONS.ownAccount],
  },
  postback: {
    forms: ['{S, R, postback: {mid?, title, payload, referral?}}'],
    stored: 'an inbound message of kind `postback`, once by its mid, or by its content where it has none',
    triggers: ['any', 'postback', 'referral'],
    opensWindow: true,
    ignoredBecause: null,
    exceptions: [REASONS.noParticipant, REASONS.ownAccount],
  },
  echo: {
    forms: ['{S: the account, R: the customer, message: {mid, text?, attachments?, is_echo: true}}', '{is_echo: true, message: {…}}'],
    stored: 'confirms our own send, whichever comes first; else an outbound message, typed elsewhere, which pauses automation',
    triggers: [],
    opensWindow: false,
    ignoredBecause: null,
    exceptions: [REASONS.noParticipant],
  },
  self: ignored(REASONS.self, '{…, message: {mid, is_echo: true, is_self: true}}', '{…, is_self: true, postback: {…}}'),
  unsend: {
    forms: ['{S, R, message: {mid, is_deleted: true}}', '{S: the account, R: the customer, message: {mid, is_deleted: true, is_echo?: true}}'],
    stored: 'text, earlier texts and media leave the message; `deletedAt`',
    triggers: [],
    opensWindow: false,
    ignoredBecause: null,
    exceptions: CHANGE_EXCEPTIONS,
  },
  edit: {
    forms: ['{S?, R?, message_edit: {mid, text?, num_edit?: number | string}}'],
    stored: 'the text of the highest `num_edit` replaces the message’s, earlier texts are kept; `editedAt`',
    triggers: [],
    opensWindow: false,
    ignoredBecause: null,
    exceptions: [REASONS.notAnEdit, REASONS.emptyEdit, ...CHANGE_EXCEPTIONS],
  },
  reaction: {
    forms: ['{S, R, reaction: {mid, action: "react", reaction?, emoji?}}', '{S, R, reaction: {mid, action: "unreact"}}'],
    stored: 'each person’s latest one in the message’s `reactions`',
    triggers: ['reaction'],
    opensWindow: true,
    ignoredBecause: null,
    exceptions: [REASONS.noReaction, ...CHANGE_EXCEPTIONS],
  },
  read: {
    forms: ['{S, R, read: {mid}}', '{read: {mid}}'],
    stored: '`readAt` of the message',
    triggers: [],
    opensWindow: false,
    ignoredBecause: null,
    exceptions: [REASONS.ownAccount, ...CHANGE_EXCEPTIONS],
  },
  referral: {
    forms: ['{S, R, referral: {ref?, ad_id?, source?, type?}}'],
    stored: 'no message',
    triggers: ['referral'],
    opensWindow: true,
    ignoredBecause: null,
    exceptions: [REASONS.noParticipant, REASONS.ownAccount],
  },
  standby: {
    forms: ['standby: [any item of messaging]', '{field: "standby", value: any item of messaging}'],
    stored: 'as the item in it would be',
    triggers: [],
    opensWindow: true,
    ignoredBecause: null,
    exceptions: [REASONS.noParticipant, REASONS.unknown],
  },
  comment: { ...COMMENT, forms: [`comments: ${COMMENT_FORMS} in changes, or flat in the entry`] },
  live_comment: { ...COMMENT, forms: [`live_comments: ${COMMENT_FORMS} in changes, or flat in the entry`] },
  optin: ignored(REASONS.optin, '{S, R, optin: {…}}'),
  handover: ignored(
    REASONS.handover, '{S, R, pass_thread_control: {…}}', '{S, R, take_thread_control: {…}}', '{S, R, request_thread_control: {…}}',
  ),
  mention: ignored(REASONS.mention, '{field: "mentions", value: {media_id, comment_id?}}'),
  story_insights: ignored(REASONS.storyInsights, '{field: "story_insights", value: {media_id, …}}'),
  change: ignored(REASONS.change, '{field: any other, value}', 'changed_fields: [names] without values'),
  unknown: {
    ...ignored(REASONS.unknown, 'anything else, also an entry without items', `a whole delivery of more than ${String(MOST_EVENTS)} events`),
    stored: 'the event alone; of a whole delivery its beginning',
  },
};

/** The kinds that have effects; the others are kept, and shown as `ignored`. */
export function isApplied(kind: string): boolean {
  return entryOf(kind)?.ignoredBecause === null;
}

/** Of a kind that is not applied; also of one stored by another version. */
export function whyKindIsIgnored(kind: string): string {
  return entryOf(kind)?.ignoredBecause ?? REASONS.unknown;
}

function entryOf(kind: string): CatalogueEntry | undefined {
  return Object.hasOwn(EVENT_CATALOGUE, kind) ? EVENT_CATALOGUE[kind as EventKind] : undefined;
}
