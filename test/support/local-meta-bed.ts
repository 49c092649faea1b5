import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LocalMeta, deliveryOf, entryOf, newIgsid, textEvent, type Failure } from '../../src/local-meta/index.js';

export const ONE = {
  id: '17841400000000001',
  username: 'one',
  accessToken: 'token-one',
  appSecret: 'app-secret-of-one',
};
export const TWO = {
  id: '17841400000000002',
  username: 'two',
  accessToken: 'token-two',
  appSecret: 'app-secret-of-two',
};

/** Every field some answer of Graph may have. */
export interface GraphBody {
  error?: { code: number; error_subcode?: number };
  data: { id: string; subscribed_fields?: string[] }[];
  messages: { data: { id: string; created_time: string }[] };
  message_id: string;
  message: string;
}

interface Heard {
  bytes: Buffer;
  signature: string | undefined;
}

/** A local Meta with two accounts, and in the service's place a server that takes down what it hears. */
export class LocalMetaBed {
  readonly heard: Heard[] = [];
  /** What the next deliveries are answered, instead of 200. */
  readonly status: number[] = [];
  /** What becomes of every call for which nothing was ordered. */
  fault: Failure | null = null;
  readonly person = newIgsid();

  private readonly service = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.heard.push({ bytes: Buffer.concat(chunks), signature: request.headers['x-hub-signature-256']?.toString() });
      response.statusCode = this.status.shift() ?? 200;
      response.end(new URL(request.url!, 'http://x').searchParams.get('hub.challenge') ?? 'EVENT_RECEIVED');
    });
  });

  private constructor(readonly meta: LocalMeta) {}

  static async open(): Promise<LocalMetaBed> {
    const meta = await LocalMeta.start({ faults: () => bed.fault, conversationReadsPerSecond: 3 });
    const bed = new LocalMetaBed(meta);
    bed.service.listen(0, '127.0.0.1');
    await once(bed.service, 'listening');
    const callbackUrl = `http://127.0.0.1:${String((bed.service.address() as AddressInfo).port)}/hook`;
    for (const account of [ONE, TWO]) meta.addAccount({ ...account, callbackUrl });
    return bed;
  }

  async close(): Promise<void> {
    await this.meta.close();
    this.service.closeAllConnections();
    this.service.close();
  }

  async graph(path: string, token = ONE.accessToken, body?: unknown) {
    const response = await fetch(`${this.meta.graphUrl}/v26.0${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as GraphBody };
  }

  send(text: string, token?: string, to = this.person) {
    const { id } = token === TWO.accessToken ? TWO : ONE;
    return this.graph(`/${id}/messages`, token, { recipient: { id: to }, message: { text } });
  }

  hello(text = 'olá/😀') {
    return deliveryOf(entryOf(ONE.id, [textEvent({ accountId: ONE.id, person: this.person }, text)]));
  }
}
