import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import axios, { Axios, AxiosHeaders } from 'axios';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { AppSettings } from '../../config/index.js';
import { parseJsonWithBigInts } from '../inbox/parsing/json-with-big-ints.js';
import { directAdapter, type Agents } from './direct.adapter.js';
import type { GraphAnswer } from './graph-answer.js';
import { toTransportError } from './graph-transport.error.js';

/** Meta answers within a second or so; after this, whether a send arrived is for the look-up to find out. */
export const GRAPH_TIMEOUT_MS = 10_000;
const IDLE_SOCKET_MS = 4_000;
const MOST_ANSWER_BYTES = 4 * 1024 * 1024;
/** The direct way does not decompress. */
const PLAIN_JSON = { Accept: 'application/json', 'Accept-Encoding': 'identity' };
const JSON_BODY = { 'Content-Type': 'application/json' };

interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly data?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the whole call, in ms. */
  readonly timeout?: number;
}

/**
 * The only way to Graph. The token travels in the Authorization header alone, never in the URL (but for its refresh, where
 * Meta knows no other way); redirects are not followed, since they would take it elsewhere; and what is thrown is made
 * anew, so that no error can hold it.
 */
@Injectable()
export class GraphClient implements OnApplicationShutdown {
  private readonly http: Axios;
  private readonly agents: Agents;

  constructor(private readonly settings: AppSettings) {
    // A burst must find its connections again: each new one costs a TLS handshake. How many calls there are is bounded where
    // they are made: one that waited for a socket would be written long after its time had begun.
    // Ours closes an idle one first, or a call would now and then meet one that the other side is just closing (Node's own server
    // does after 5 s), and whether it arrived would have to be looked up. A shorter time that the other side announces counts.
    const options = { keepAlive: true, maxFreeSockets: 256, timeout: IDLE_SOCKET_MS };
    this.agents = { http: new HttpAgent(options), https: new HttpsAgent(options) };
    // Every status is an answer: the codes in it decide.
    const always = { timeout: GRAPH_TIMEOUT_MS, maxContentLength: MOST_ANSWER_BYTES, validateStatus: () => true };
    this.http = settings.graphProxied
      ? // Proxies are axios' own trade; to what is no proxy's business it must not go through one.
        axios.create({
          ...always,
          httpAgent: this.agents.http,
          httpsAgent: this.agents.https,
          maxRedirects: 0,
          responseType: 'text',
          // As text, or JSON.parse rounds ids of 17 digits.
          transformRequest: [(body: unknown) => body],
          transformResponse: [(text: unknown) => text],
        })
      : // Without axios' own defaults, which are made for what this way does not know, and which it would merge into each call.
        new Axios({ ...always, adapter: directAdapter(this.agents) });
  }

  /** @throws GraphTransportError when there was no answer */
  async get(path: string, parameters: Readonly<Record<string, string>>, accessToken: string): Promise<GraphAnswer> {
    return await this.call({ method: 'GET', url: this.address(path, parameters) }, accessToken);
  }

  /** @throws GraphTransportError when there was no answer */
  async post(
    path: string,
    body: Readonly<Record<string, unknown>>,
    accessToken: string,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<GraphAnswer> {
    return await this.call({ method: 'POST', url: this.address(path, parameters), data: JSON.stringify(body), headers: JSON_BODY }, accessToken);
  }

  /** @throws GraphTransportError when there was no answer within that time */
  async delete(path: string, accessToken: string, withinMs: number): Promise<GraphAnswer> {
    return await this.call({ method: 'DELETE', url: this.address(path, {}), timeout: withinMs }, accessToken);
  }

  /**
   * The one call that Meta wants with the token in its URL (and without a version): nobody may ever write that URL down.
   * @throws GraphTransportError when there was no answer; it holds no URL
   */
  async refreshToken(accessToken: string): Promise<GraphAnswer> {
    const query = new URLSearchParams({ grant_type: 'ig_refresh_token', access_token: accessToken }).toString();
    return await this.call({ method: 'GET', url: `${this.settings.graphBaseUrl}/refresh_access_token?${query}` }, null);
  }

  onApplicationShutdown(): void {
    this.agents.http.destroy();
    this.agents.https.destroy();
  }

  private address(path: string, parameters: Readonly<Record<string, string>>): string {
    const query = new URLSearchParams(parameters).toString();
    return `${this.settings.graphBaseUrl}/${this.settings.graphVersion}/${path}${query === '' ? '' : `?${query}`}`;
  }

  private async call(config: Call, bearer: string | null): Promise<GraphAnswer> {
    try {
      const answer = await this.http.request<unknown>({
        ...config,
        // Its own time-out starts when the socket is idle; this one is for the whole call, the connection included.
        ...(this.settings.graphProxied ? { signal: AbortSignal.timeout(config.timeout ?? GRAPH_TIMEOUT_MS) } : {}),
        headers: { ...config.headers, ...PLAIN_JSON, ...(bearer === null ? {} : { Authorization: `Bearer ${bearer}` }) },
      });
      return { status: answer.status, body: parse(answer.data), headers: flatten(answer.headers) };
    } catch (error) {
      throw toTransportError(error);
    }
  }
}

function parse(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return parseJsonWithBigInts(text);
  } catch {
    return undefined;
  }
}

function flatten(headers: unknown): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of AxiosHeaders.from(headers as AxiosHeaders)) flat[name.toLowerCase()] = String(value);
  return flat;
}
