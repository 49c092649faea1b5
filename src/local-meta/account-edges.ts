import { randomToken } from '../crypto/index.js';
import { BAD_PARAMETER, NO_PERMISSION, TOKEN_TOO_YOUNG, errorAnswer, type GraphAnswer } from './graph-error.js';
import { ok } from './graph-reads.js';
import type { GraphRequest } from './graph-server.js';
import type { MetaAccount, MetaDirectory } from './meta-account.js';
import { TOKEN_LIVES_MS } from './meta-token.js';
import { asRecord } from './json-shapes.js';

/** The names Meta takes for an Instagram account; a Page's (messaging_referrals, message_edits …) are others. */
const FIELDS: readonly string[] = [
  'comments', 'live_comments', 'mentions', 'message_edit', 'message_reactions', 'messages', 'messaging_handover',
  'messaging_optins', 'messaging_postbacks', 'messaging_referral', 'messaging_seen', 'onboarding_welcome_message_series',
  'share_to_story', 'standby', 'story_insights', 'story_poll_response', 'comment_poll_response', 'follow',
];

/** What an app arranges with an account: its webhook subscription, and its token's life. */
export class AccountEdges {
  constructor(private readonly directory: MetaDirectory) {}

  subscriptions(account: MetaAccount, { method, query, body }: GraphRequest): GraphAnswer {
    if (method === 'GET') {
      const fields = this.directory.subscribedFields(account.id);
      return ok({ data: fields ? [{ id: `app-of-${account.id}`, subscribed_fields: fields }] : [] });
    }
    if (method === 'DELETE') {
      this.directory.unsubscribe(account.id);
      return ok({ success: true });
    }
    const given = query.get('subscribed_fields') ?? asRecord(body)['subscribed_fields'];
    const fields = (Array.isArray(given) ? given.join(',') : typeof given === 'string' ? given : '').split(',');
    return this.subscribe(account, fields.map((field) => field.trim()));
  }

  /** The old token stays good, as Meta's does until it expires. */
  refresh(account: MetaAccount, { query, token }: GraphRequest): GraphAnswer {
    const now = new Date();
    if (query.get('grant_type') !== 'ig_refresh_token' || query.get('access_token') === null) return errorAnswer(BAD_PARAMETER);
    if (this.directory.token(token ?? '')?.mayBeRefreshed(now) !== true) return errorAnswer(TOKEN_TOO_YOUNG);
    const renewed = `IGAA${randomToken(60)}`;
    this.directory.addToken(account.id, renewed, { issuedAt: now });
    return ok({
      access_token: renewed,
      token_type: 'bearer',
      expires_in: TOKEN_LIVES_MS / 1000,
      permissions: 'instagram_business_basic,instagram_business_manage_messages',
    });
  }

  private subscribe(account: MetaAccount, fields: readonly string[]): GraphAnswer {
    if (fields.every((field) => field === '')) {
      return errorAnswer({ ...BAD_PARAMETER, message: '(#100) Param subscribed_fields is required' });
    }
    const unknown = fields.findIndex((field) => !FIELDS.includes(field));
    if (unknown >= 0) {
      const message = `(#100) Param subscribed_fields[${String(unknown)}] must be one of {${FIELDS.join(', ')}}`;
      return errorAnswer({ ...BAD_PARAMETER, message });
    }
    if (fields.some((field) => this.directory.refusesField(account.id, field))) return errorAnswer(NO_PERMISSION);
    this.directory.subscribe(account.id, fields);
    return ok({ success: true });
  }
}
