import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { sign } from '../crypto/index.js';
import { wireBytes } from './wire-format.js';

export interface DeliverOptions {
  /** Signed with this instead of the account's own app secret. */
  readonly secret?: string;
  /** This header instead of a right signature; null: no header at all. */
  readonly signature?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What was posted, so that it can be posted again byte for byte. */
export interface Posted extends Answer {
  readonly url: string;
  readonly bytes: Buffer;
  readonly signature: string | null;
}

/** Meta's side of the webhook: keeps its connections, so that a burst of thousands is limited by the receiver. */
export class WebhookClient {
  private readonly http = new HttpAgent({ keepAlive: true, maxSockets: 64 });
  private readonly https = new HttpsAgent({ keepAlive: true, maxSockets: 64 });

  async post(url: string, body: unknown, secret: string, options: DeliverOptions = {}): Promise<Posted> {
    const bytes = wireBytes(body);
    const signature = options.signature === undefined ? sign(bytes, options.secret ?? secret) : options.signature;
    return await this.postBytes(url, bytes, signature, options.headers);
  }

  async postBytes(
    url: string,
    bytes: Buffer,
    signature: string | null,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Posted> {
    const answer = await this.request(
      'POST',
      url,
      {
        'content-type': 'application/json',
        'content-length': String(bytes.length),
        'user-agent': 'facebookexternalua',
        ...(signature === null ? {} : { 'x-hub-signature-256': signature }),
        ...headers,
      },
      bytes,
    );
    return { ...answer, url, bytes, signature };
  }

  async get(url: string): Promise<Answer> {
    return await this.request('GET', url, { 'user-agent': 'facebookexternalua' });
  }

  close(): void {
    this.http.destroy();
    this.https.destroy();
  }

  private request(method: string, url: string, headers: Record<string, string>, bytes?: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const secure = url.startsWith('https:');
      const call = (secure ? httpsRequest : httpRequest)(
        url,
        { method, headers, agent: secure ? this.https : this.http },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            resolve({
              status: response.statusCode ?? 0,
              text: Buffer.concat(chunks).toString('utf8'),
              headers: response.headers,
            });
          });
        },
      );
      call.on('error', (error: NodeJS.ErrnoException) => {
        // The server closed an idle connection at the moment it was used again: nothing has been read there.
        if (call.reusedSocket && error.code === 'ECONNRESET') {
          this.request(method, url, headers, bytes).then(resolve, reject);
        } else {
          reject(error);
        }
      });
      call.end(bytes);
    });
  }
}
