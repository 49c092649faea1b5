import { expect } from '@jest/globals';
import { eventually, type ApiAnswer } from './running-service.js';
import type { MessageView, Stage, TestAccount } from './stage.js';

export type SentView = MessageView & Readonly<Record<string, unknown>>;

/** `POST …/messages` of one account. */
export class ManualSends {
  constructor(
    private readonly stage: Stage,
    private readonly account: TestAccount,
  ) {}

  post(body: object, headers: Readonly<Record<string, string>> = {}): Promise<ApiAnswer<SentView>> {
    return this.stage.service.api<SentView>('POST', `/accounts/${this.account.id}/messages`, body, headers);
  }

  async get(id: string): Promise<SentView> {
    return (await this.stage.service.api<SentView>('GET', `/accounts/${this.account.id}/messages/${id}`)).body;
  }

  /** Sends, and waits for the end of it. */
  async untilItsEnd(body: object): Promise<SentView> {
    const answer = await this.post(body);
    expect(answer).toMatchObject({ status: 202, body: { status: 'queued', direction: 'outbound' } });
    return await eventually('the end of the send', () => this.get(answer.body.id), ({ status }) => status === 'sent' || status === 'failed');
  }
}
