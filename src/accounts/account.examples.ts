import type { CreateAccountRequest } from './create-account.request.dto.js';
import type { UpdateAccountRequest } from './update-account.request.dto.js';

interface Example<T> {
  readonly summary: string;
  readonly value: T;
}

const credentials = { accessToken: 'IGAAExampleToken', appSecret: '0123456789abcdef0123456789abcdef' };
const settings = { replyMaxAgeMinutes: 60, takeoverMinutes: 30, optOutWords: ['stop', 'unsubscribe'], optInWords: ['start'], maxAutomaticTurns: 20 };

/**
 * To start from in Swagger UI, which otherwise fills in every field there is: a date on which the token does not end, and
 * `string` as the verify token.
 */
export const CREATE_ACCOUNT_EXAMPLES: Record<string, Example<CreateAccountRequest>> = {
  needed: { summary: 'what is needed', value: { id: '17841400000000001', username: 'example.shop', ...credentials } },
  more: {
    summary: 'and what may be said beside it',
    value: {
      id: '17841400000000001', username: 'example.shop', ...credentials, webhookVerifyToken: 'a word of your choice', status: 'active',
      tokenExpiresAt: '2027-01-31T12:00:00.000Z', manageSubscription: true, settings,
    },
  },
};

/** The first stands there when somebody opens the call: of all fields at once, `string` would become the access token. */
export const UPDATE_ACCOUNT_EXAMPLES: Record<string, Example<UpdateAccountRequest>> = {
  status: { summary: 'on, or off (inactive)', value: { status: 'active' } },
  settings: { summary: 'settings; those that are left out stay', value: { settings } },
  accessToken: { summary: 'a new access token', value: { accessToken: credentials.accessToken } },
  appSecret: { summary: 'a new app secret', value: { appSecret: credentials.appSecret } },
};
