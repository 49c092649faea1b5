/**
 * What each answer of Graph's means for a send: the one place where codes stand. Data, so that `docs/sending.md` can be
 * checked against it and every row be tried. What the codes mean is Meta's (error reference, rate limiting, changelog)
 * or, where Meta says nothing, implementers' experience.
 */
export interface OutcomeRow {
  /** `any`: the subcode decides, under whatever code it comes. */
  readonly code: number | Range | 'any';
  /** Null: none, for a range of codes and for a code whose subcodes are not listed. */
  readonly subcode: number | Range | null;
  readonly outcome: Outcome;
  /** What happened, in plain words. */
  readonly what: string;
  /** What a person can do about it; empty where nothing need be done. */
  readonly cure: string;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * - `sent`: nothing is left to be done
 * - `retry`, `retry_once`: certainly not delivered, and worth another try
 * - `unknown`: it may have been delivered; looked up before anything else is done
 * - `failed`: this message never will be
 * - `conversation_closed`: failed, and so will be whatever follows, until the customer acts again
 * - `conversation_paused`: failed, and rules do not answer in the conversation for `minutes`
 * - `account_paused`: the message waits; nothing of the account (`app`: of the app's accounts) is sent for `minutes`, or
 *   for as long as Graph says; `isPunished`: for what the account has done, not for too many calls
 * - `account_refused`: failed, and nothing of the account is sent for `minutes`: a person has something to set right
 * - `permission`: the same, unless the message needs more than others do (a tag, a private reply, a reaction, an answer to one
 *   message): then it alone fails
 * - `dead_token`: the message waits for a new token, with all of the account
 */
export type Outcome =
  | { readonly kind: 'sent' | 'retry' | 'retry_once' | 'unknown' | 'failed' | 'conversation_closed' | 'dead_token' }
  | { readonly kind: 'account_paused'; readonly minutes: number; readonly app?: true; readonly isPunished?: true }
  | { readonly kind: 'conversation_paused' | 'account_refused' | 'permission'; readonly minutes: number };

const SENT: Outcome = { kind: 'sent' };
const RETRY: Outcome = { kind: 'retry' };
const RETRY_ONCE: Outcome = { kind: 'retry_once' };
const UNKNOWN: Outcome = { kind: 'unknown' };
const FAILED: Outcome = { kind: 'failed' };
const CLOSED: Outcome = { kind: 'conversation_closed' };
const DEAD: Outcome = { kind: 'dead_token' };
const PERMISSION: Outcome = { kind: 'permission', minutes: 5 };
const paused = (minutes: number): Outcome => ({ kind: 'account_paused', minutes });
const punished = (minutes: number): Outcome => ({ kind: 'account_paused', minutes, isPunished: true });
const refused = (minutes: number): Outcome => ({ kind: 'account_refused', minutes });
const quiet = (minutes: number): Outcome => ({ kind: 'conversation_paused', minutes });

const DAY = 24 * 60;
const NONE = '';
const WINDOW = 'The messaging window is closed: more than 24 hours have passed since the customer last wrote';
const WHEN_BACK = 'Write again when the customer has written; within 7 days a person may also answer with the tag HUMAN_AGENT.';
const NO_PERSON = 'Instagram knows no such recipient';
const CHECK_PERSON = 'Check the recipient: it must be the id Instagram gave the customer for this account.';
const UNAVAILABLE = 'This person cannot be written to at the moment, or has blocked the account';
const WAIT_FOR_PERSON = 'Write again when the customer has written.';
const FETCH = 'Check that the address is public, answers quickly and leads to a file of the type given, and send it again.';
const TAKEN_OVER = 'Another app has taken over this conversation';
const RELEASE = 'Release the conversation there, or answer there.';
const TOO_MANY = 'Instagram takes no more calls for this account for now';
const GOES_OUT_LATER = 'It goes out when the pause is over; send less if this happens often.';
const RECONNECT = 'Connect the account to the app again, with all permissions, and PATCH the account with the new access token.';
const NEW_TOKEN = 'Generate a new access token and PATCH the account with it; what is still in time then goes out.';
const LOG_IN = 'Log in to Instagram and verify the account here: the token may be accepted again. If not, generate a new one and PATCH the account with it; what is still in time then goes out.';
const APP_REVIEW = "The app must be Live and have passed Meta's App Review; until then only people with a role in the app can be answered.";

/** The first row that fits the pair counts; then one that names the subcode; then the code's own row. */
export const OUTCOMES: readonly OutcomeRow[] = [
  row(-1, null, RETRY, 'Instagram had a temporary error', 'Send it again later.'),
  row(1, null, RETRY, 'Instagram had a temporary error', 'Send it again later.'),
  row(1, 99, PERMISSION, 'The app lacks a permission for this account', RECONNECT),
  row(1, 1357046, UNKNOWN, 'Instagram reported an error although the message may have gone out', NONE),
  row(2, null, RETRY, 'Instagram was not available for a moment, or the person has blocked the account', 'Send it again later.'),
  row(2, 1545133, RETRY, 'Instagram was not available for a moment', 'Send it again later.'),
  row(3, null, PERMISSION, 'The app lacks a capability', APP_REVIEW),
  row(4, null, { kind: 'account_paused', minutes: 5, app: true }, 'Instagram takes no more calls from this app for now', GOES_OUT_LATER),
  row(10, null, PERMISSION, 'A permission is missing or was revoked', RECONNECT),
  row(10, 1893063, punished(60), 'Instagram has restricted the account for a while for breaking a policy', 'Look for the notice in the Instagram app; it goes out if the restriction ends in time.'),
  row(10, 2018065, CLOSED, WINDOW, WHEN_BACK),
  row(10, 2018108, CLOSED, 'This person cannot receive messages at the moment', WAIT_FOR_PERSON),
  row(10, 2018278, CLOSED, WINDOW, WHEN_BACK),
  row(10, 2534022, CLOSED, WINDOW, WHEN_BACK),
  row(10, 2534077, refused(15), "The account's link to its Page or its two-factor login is not in order", `Set it right in the Instagram app. ${RECONNECT}`),
  row(17, null, paused(1), TOO_MANY, GOES_OUT_LATER),
  row(32, null, paused(1), TOO_MANY, GOES_OUT_LATER),
  row(100, null, FAILED, 'Instagram does not accept something in this message', 'Change the message before you send it again.'),
  row(100, 33, PERMISSION, 'What the message names does not exist for this access token', RECONNECT),
  row(100, 2018001, quiet(DAY), NO_PERSON, CHECK_PERSON),
  row(100, 2018008, RETRY_ONCE, 'Instagram could not fetch the attachment', FETCH),
  row(100, 2018047, RETRY_ONCE, 'Instagram could not fetch the attachment, or it is of another type than said', FETCH),
  row(100, 2018109, FAILED, 'The attachment is too big', 'Send a smaller one: images up to 8 MB, the rest up to 25 MB.'),
  row(100, 2018294, RETRY_ONCE, 'Instagram could not fetch the video in time', FETCH),
  row(100, 2018300, quiet(60), TAKEN_OVER, RELEASE),
  row(100, 2534013, PERMISSION, 'The account is not linked to its Page, or may not answer this privately', RECONNECT),
  row(100, 2534014, quiet(DAY), NO_PERSON, CHECK_PERSON),
  row(100, 2534015, FAILED, 'Instagram does not accept the content of this message', 'Change the message before you send it again.'),
  row(100, 2534025, SENT, 'Instagram says that this comment has had its private reply, or takes none any more', NONE),
  row(100, 2534029, punished(60), 'Instagram has blocked the account from sending messages through an app', 'Look for the notice in the Instagram app and the app dashboard.'),
  row(100, 2534037, quiet(60), TAKEN_OVER, RELEASE),
  row(102, null, DEAD, 'Instagram no longer accepts the access token', NEW_TOKEN),
  row(190, null, DEAD, 'Instagram no longer accepts the access token', NEW_TOKEN),
  row(190, 458, DEAD, 'The access token is dead: the app was removed from the account', RECONNECT),
  row(190, 459, DEAD, 'The access token is dead: Instagram wants its owner to log in and confirm something', LOG_IN),
  row(190, 460, DEAD, "The access token is dead: the account's password was changed", NEW_TOKEN),
  row(190, 463, DEAD, 'The access token has expired', NEW_TOKEN),
  row(190, 464, DEAD, 'The access token is dead: the account is not confirmed', LOG_IN),
  row(190, 467, DEAD, 'The access token is dead: it was revoked or its session ended', NEW_TOKEN),
  row(190, 492, DEAD, "The access token is dead: its owner has no role on the account's Page any more", `Restore the role. ${NEW_TOKEN}`),
  row({ from: 200, to: 299 }, null, PERMISSION, 'A permission is missing or was revoked', RECONNECT),
  row(200, 1545041, CLOSED, UNAVAILABLE, WAIT_FOR_PERSON),
  row(200, { from: 2018021, to: 2018028 }, FAILED, 'The app may not write to this person yet', APP_REVIEW),
  row(200, 2534041, refused(15), "The account's owner does not let apps read its messages", 'In the Instagram app: Settings, Messages and story replies, Message controls, Connected tools, Allow access to messages; then PATCH the account with status active.'),
  row(230, null, FAILED, 'This person has not consented, or a permission for messages is missing', RECONNECT),
  row(341, null, RETRY, 'Instagram reports a limit that is temporary', 'Send it again later.'),
  row(368, null, punished(60), 'Instagram has blocked the account for a while for breaking a policy', 'Look for the notice in the Instagram app; it goes out if the block ends in time.'),
  row(506, null, FAILED, 'Instagram refuses it as a repetition of the message before', 'Change its text before you send it again.'),
  row(551, null, CLOSED, UNAVAILABLE, WAIT_FOR_PERSON),
  row(551, 1545041, CLOSED, UNAVAILABLE, WAIT_FOR_PERSON),
  row(613, null, paused(1), TOO_MANY, GOES_OUT_LATER),
  row(613, 1996, paused(10), 'Instagram finds the number of calls for this account unusual', GOES_OUT_LATER),
  row(613, 2018338, refused(10), 'Instagram says that the message tag was used too often or wrongly', "Use HUMAN_AGENT only for a person's own answers."),
  row(613, 2534040, paused(1), TOO_MANY, GOES_OUT_LATER),
  row(80001, null, paused(1), TOO_MANY, GOES_OUT_LATER),
  row(80002, null, paused(1), TOO_MANY, GOES_OUT_LATER),
  row(80006, null, paused(1), TOO_MANY, GOES_OUT_LATER),
  row('any', 36103, refused(15), 'Instagram says that the account is not eligible for messages through an app', 'Check that it is a professional account in a country where this is allowed.'),
  row('any', 2534001, CLOSED, 'The conversation was archived or deleted', WAIT_FOR_PERSON),
  row('any', 2534068, FAILED, 'Instagram does not take several images in one message of this account yet', 'Send them one by one.'),
  row('any', 9000001, FAILED, 'The message that this one is about was deleted, or is too old', 'Send it without the reference.'),
];

/** For codes Meta has added since: shown to people instead of repeated, unless Meta itself calls the error transient. */
export const UNLISTED: Pick<OutcomeRow, 'outcome' | 'what' | 'cure'> = {
  outcome: FAILED, what: 'Instagram refused the message with a code that is not known here', cure: "Look the code up in Meta's documentation.",
};
export const UNLISTED_TRANSIENT: Pick<OutcomeRow, 'outcome' | 'what' | 'cure'> = {
  outcome: RETRY, what: 'Instagram had an error that it calls temporary', cure: 'Send it again later.',
};

function row(code: OutcomeRow['code'], subcode: OutcomeRow['subcode'], outcome: Outcome, what: string, cure: string): OutcomeRow {
  return { code, subcode, outcome, what, cure };
}
