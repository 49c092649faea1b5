import { Injectable } from '@nestjs/common';
import { codeText, graphErrorOf, isRecord, textOf } from './graph-answer.js';
import { GraphClient } from './graph-client.js';
import { GraphTransportError } from './graph-transport.error.js';
import { regainAccessMs } from './regain-access.js';

export type ProfileResult =
  | { readonly kind: 'found'; readonly username: string | null; readonly name: string | null }
  /** This person's profile cannot be had (no consent, blocked, gone). */
  | { readonly kind: 'refused' }
  /** Says nothing of the person: Graph or the token has a problem. */
  | { readonly kind: 'unanswered'; readonly reason: string; readonly retryAfterMs: number | null };

/** Token, rate limits, temporary errors: about the account or Graph, not about the person. */
const NOT_ABOUT_THE_PERSON = new Set([-1, 1, 2, 4, 17, 32, 102, 190, 341, 368, 613, 80001, 80002, 80006]);

@Injectable()
export class ProfileLookup {
  constructor(private readonly graph: GraphClient) {}

  /** `GET /{igsid}?fields=name,username`. Never throws. */
  async find(participantId: string, accessToken: string): Promise<ProfileResult> {
    try {
      const answer = await this.graph.get(encodeURIComponent(participantId), { fields: 'name,username' }, accessToken);
      const error = graphErrorOf(answer.body);
      if (error && !NOT_ABOUT_THE_PERSON.has(error.code) && answer.status < 500) return { kind: 'refused' };
      if (error || answer.status >= 300 || !isRecord(answer.body)) {
        const reason = error ? `code ${codeText(error)}` : `HTTP ${String(answer.status)}`;
        return { kind: 'unanswered', reason, retryAfterMs: regainAccessMs(answer.headers) };
      }
      const username = textOf(answer.body['username']);
      const name = textOf(answer.body['name']);
      // Without consent the answer may also be 200 with nothing in it.
      return username === null && name === null ? { kind: 'refused' } : { kind: 'found', username, name };
    } catch (error) {
      const reason = error instanceof GraphTransportError ? error.message : 'the look-up broke off';
      return { kind: 'unanswered', reason, retryAfterMs: null };
    }
  }
}
