import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import axios, { AxiosHeaders, type AxiosInstance, type AxiosRequestConfig } from 'axios';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { AppSettings } from '../../config/index.js';
import { parseJsonWithBigInts } from '../inbox/parsing/json-with-big-ints.js';
import type { GraphAnswer } from './graph-answer.js';
import { toTransportError } from './graph-transport.error.js';

/** Meta answers within a second or so; after this, whether a send arrived is for the look-up to find out. */
export const GRAPH_TIMEOUT_MS = 10_000;
const MOST_ANSWER_BYTES = 4 * 1024 * 1024;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * The only way to Graph. The token travels in the Authorization header alone, never in the URL (but for its refresh, where
 * Meta knows no other way); redirects are not followed, since they would take it elsewhere; and what is thrown is made
 * anew, so that no error can hold it.
 */
@Injectable()
export class GraphClient implements OnApplicationShutdown {
  private readonly http: AxiosInstance;
  private readonly agents: readonly [HttpAgent, HttpsAgent];

  constructor(private readonly settings: AppSettings) {
    const options = { keepAlive: true, maxSockets: 512, maxFreeSockets: 64 };
    this.agents = [new HttpAgent(options), new HttpsAgent(options)];
    this.http = axios.create({
      httpAgent: this.agents[0],
      httpsAgent: this.agents[1],
      // A stand-in on this machine is never behind the proxy that HTTP_PROXY names.
      ...(LOOPBACK.has(new URL(settings.graphBaseUrl).hostname) ? { proxy: false as const } : {}),
      timeout: GRAPH_TIMEOUT_MS,
      maxRedirects: 0,
      maxContentLength: MOST_ANSWER_BYTES,
      responseType: 'text',
      // As text, or JSON.parse rounds ids of 17 digits. Every status is an answer: the codes in it decide.
      transformResponse: [(text: unknown) => text],
      validateStatus: () => true,
    });
  }

  /** @throws GraphTransportError when there was no answer */
  async get(path: string, parameters: Readonly<Record<string, string>>, accessToken: string): Promise<GraphAnswer> {
    return await this.call({ method: 'GET', url: this.address(path), params: parameters }, accessToken);
  }

  /** @throws GraphTransportError when there was no answer */
  async post(
    path: string,
    body: Readonly<Record<string, unknown>>,
    accessToken: string,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<GraphAnswer> {
    return await this.call({ method: 'POST', url: this.address(path), data: body, params: parameters }, accessToken);
  }

  /**
   * The one call that Meta wants with the token in its URL (and without a version): nobody may ever write that URL down.
   * @throws GraphTransportError when there was no answer; it holds no URL
   */
  async refreshToken(accessToken: string): Promise<GraphAnswer> {
    const params = { grant_type: 'ig_refresh_token', access_token: accessToken };
    return await this.call({ method: 'GET', url: `${this.settings.graphBaseUrl}/refresh_access_token`, params }, null);
  }

  onApplicationShutdown(): void {
    for (const agent of this.agents) agent.destroy();
  }

  private address(path: string): string {
    return `${this.settings.graphBaseUrl}/${this.settings.graphVersion}/${path}`;
  }

  private async call(config: AxiosRequestConfig, bearer: string | null): Promise<GraphAnswer> {
    // axios' time-out starts when the socket is idle; this one is for the whole call, the connection included.
    const whole = AbortSignal.timeout(GRAPH_TIMEOUT_MS);
    try {
      const answer = await this.http.request<unknown>({
        ...config,
        signal: whole,
        headers: { Accept: 'application/json', ...(bearer === null ? {} : { Authorization: `Bearer ${bearer}` }) },
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
