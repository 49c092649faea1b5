import type { MessageSender, SendOutcome, SendRequest } from '../../src/messaging/message-sender.port.js';

/** Graph, as a test wants it to answer. */
export class FakeSender implements MessageSender {
  readonly calls: SendRequest[] = [];
  answer: (request: SendRequest) => Promise<SendOutcome> | SendOutcome = () => sent(`mid.${String(this.calls.length)}`);

  async sendMessage(request: SendRequest): Promise<SendOutcome> {
    this.calls.push(request);
    return await this.answer(request);
  }

  get texts(): string[] {
    return this.calls.map((call) => textOf(call));
  }

  /** What was written to one person. */
  textsTo(person: string): string[] {
    return this.calls.filter(({ body }) => (body['recipient'] as { id: string }).id === person).map(textOf);
  }

  /** Answers nothing until what it gives is called. */
  hold(answer: () => SendOutcome = () => sent(`mid.${String(this.calls.length)}.${String(Math.random())}`)): () => void {
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    this.answer = async () => {
      await opened;
      return answer();
    };
    return open;
  }
}

export const sent = (messageId: string): SendOutcome => ({ kind: 'sent', messageId, recipientId: '1' });
export const textOf = (request: SendRequest): string => (request.body['message'] as { text: string }).text;
