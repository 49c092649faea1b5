import { Injectable } from '@nestjs/common';
import type { AccountVerifier, Verification, VerificationRequest } from '../../accounts/index.js';
import { sentence } from '../sentence.js';
import { lacksPermission, troubleOf } from './account-trouble.js';
import { classifyGraphError } from './classify-graph-error.js';
import { codeText, graphErrorOf, isRecord, listOf, textOf, type GraphAnswer } from './graph-answer.js';
import { GraphClient } from './graph-client.js';
import { GraphTransportError } from './graph-transport.error.js';

/** `tokenAccepted` null: Graph gave no answer to that, so nothing is known. */
export interface InstagramVerification extends Verification {
  readonly tokenAccepted: boolean | null;
}

/**
 * Asks `/me`. There, `user_id` is the professional account id that webhooks carry, and `id` an app-scoped one: only the
 * first can be compared with the account's id.
 */
@Injectable()
export class InstagramAccountVerifier implements AccountVerifier {
  constructor(private readonly graph: GraphClient) {}

  async verify(request: VerificationRequest): Promise<InstagramVerification> {
    try {
      const answer = await this.graph.get('me', { fields: 'id,user_id,username' }, request.accessToken);
      return read(answer, request);
    } catch (error) {
      return unknown(error instanceof GraphTransportError ? error.message : 'The call to Graph broke off');
    }
  }
}

function read(answer: GraphAnswer, { accountId, accessToken }: VerificationRequest): InstagramVerification {
  const error = graphErrorOf(answer.body);
  if (error) {
    const trouble = troubleOf(answer);
    if (trouble?.kind === 'dead_token') return { ...unknown(sentence(trouble.reason, trouble.cure)), tokenAccepted: false };
    // Meta quotes what it does not understand, and this is shown to people, stored and logged.
    const words = error.message === null ? '' : `: ${error.message.replaceAll(accessToken, '[redacted]')}`;
    const said = `Graph answered code ${codeText(error)}${words}`;
    const outcome = classifyGraphError(answer);
    // The table's other cures are about a message; these are about the account, whatever is asked for it.
    const cure = lacksPermission(error) && outcome.kind === 'failed' ? outcome.cure : undefined;
    return unknown(cure === undefined ? said : sentence(said.replace(/\.$/, ''), cure));
  }
  const me = personOf(answer.body);
  if (answer.status >= 300 || !me) return unknown(`Graph answered HTTP ${String(answer.status)} without an account`);
  // Tokens of other log-in flows answer without `user_id`; there, `id` is the account's own.
  const userId = textOf(me['user_id']) ?? textOf(me['id']);
  const username = textOf(me['username']);
  if (userId === accountId) return { ok: true, userId, username, error: null, tokenAccepted: true };
  return { ok: false, userId, username, error: whyNotThis(accountId, me, userId, username), tokenAccepted: true };
}

/** An account's id cannot be changed: where it is the id that is wrong, no new token would ever help. */
function whyNotThis(accountId: string, me: Readonly<Record<string, unknown>>, userId: string | null, username: string | null): string {
  if (textOf(me['id']) === accountId) {
    return sentence(
      `${accountId} is the app-scoped id of ${username ?? 'the account'}; the id that webhooks carry is ${String(userId)}`,
      'Delete the account here and add it with that id.',
    );
  }
  return sentence(
    `The access token belongs to another account (${[userId, username].filter((part) => part !== null).join(', ')})`,
    'Should that be the account you mean, delete it here and add it with that id; else generate a token of this one in Meta’s dashboard and PATCH the account with it.',
  );
}

/** A plain object, or wrapped in `data: [...]` as Meta's guide prints it. */
function personOf(body: unknown): Readonly<Record<string, unknown>> | null {
  if (!isRecord(body)) return null;
  const wrapped = listOf(body['data'])[0];
  return isRecord(wrapped) ? wrapped : textOf(body['id']) !== null || textOf(body['user_id']) !== null ? body : null;
}

function unknown(error: string): InstagramVerification {
  return { ok: false, userId: null, username: null, error, tokenAccepted: null };
}
