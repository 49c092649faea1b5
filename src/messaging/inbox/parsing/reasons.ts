import { MOST_EVENTS } from './delivery-size.js';

/** Why an event is kept without having an effect, in the words people read. */
export const REASONS = {
  unknown: 'this server does not know this kind of event',
  change: 'this server does nothing with changes of this field',
  changedFields: 'it names fields that have changed, without their values',
  tooLarge: 'it is too large to be applied; only its beginning is kept',
  tooMany: `it is a delivery of more than ${String(MOST_EVENTS)} events, which Meta never sends; only its beginning is kept`,
  self: 'the account wrote it to itself',
  ownAccount: 'it was sent by the account itself',
  ownComment: 'the account wrote this comment itself',
  noParticipant: 'it does not say which person it is about',
  noMessage: 'it does not say which message it is about',
  noComment: 'it does not say which comment it is',
  noAuthor: 'it does not say who wrote the comment',
  noReaction: 'it does not say what the reaction is',
  notAnEdit: 'it is no edit: Meta sends one with the edit number 0 beside ordinary messages',
  emptyEdit: 'it holds neither a new text nor the number of an edit',
  optin: 'opt-ins to notification messages are recorded and have no effect',
  handover: 'changes of the app that has the conversation are recorded and have no effect',
  mention: 'mentions are recorded and have no effect',
  storyInsights: 'story insights are recorded and have no effect',
} as const;
