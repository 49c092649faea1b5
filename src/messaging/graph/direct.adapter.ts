import { AxiosError, type AxiosAdapter, type AxiosResponse, type InternalAxiosRequestConfig, type RawAxiosResponseHeaders } from 'axios';
import { request as httpRequest, type Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type Agent as HttpsAgent } from 'node:https';
import { NotConnectedError } from './graph-transport.error.js';

export interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

/**
 * axios' way onto the wire, for a small JSON call and a small answer. axios' own can also follow redirects, upload forms,
 * stream, decompress and report progress, and prepares for all of it with every call: for a server that sends a thousand
 * replies a second that costs more than the call. `timeout` holds for the whole call, the connection included.
 */
export function directAdapter(agents: Agents): AxiosAdapter {
  return async (config) =>
    await new Promise<AxiosResponse<string>>((resolve, reject) => {
      const url = new URL(config.url ?? '');
      const secure = url.protocol === 'https:';
      const request = (secure ? httpsRequest : httpRequest)(url, {
        method: config.method?.toUpperCase() ?? 'GET',
        agent: secure ? agents.https : agents.http,
        headers: headersOf(config),
      });
      const timer = setTimeout(() => {
        request.destroy(failure('No answer in time', AxiosError.ETIMEDOUT, config));
      }, config.timeout);
      // Answered or broken off: whichever comes first.
      request.once('close', () => {
        clearTimeout(timer);
      });
      // What fails before can be tried again by itself: a network that swallows everything looks like a Graph that is slow.
      let connected = false;
      request.once('socket', (socket) => {
        connected = !socket.connecting;
        if (!connected) socket.once(secure ? 'secureConnect' : 'connect', () => (connected = true));
      });
      request.once('error', (error) => {
        reject(connected ? error : NotConnectedError.from(error));
      });
      request.once('response', (response) => {
        read(response, config).then((data) => {
          resolve({ data, status: response.statusCode ?? 0, statusText: response.statusMessage ?? '', headers: response.headers as RawAxiosResponseHeaders, config, request });
        }, reject);
      });
      request.end(config.data as string | undefined);
    });
}

function headersOf({ headers, data }: InternalAxiosRequestConfig): Record<string, string> {
  const given = headers.toJSON() as Record<string, string>;
  return typeof data === 'string' ? { ...given, 'Content-Length': String(Buffer.byteLength(data)) } : given;
}

async function read(response: IncomingMessage, config: InternalAxiosRequestConfig): Promise<string> {
  return await new Promise((resolve, reject) => {
    const most = config.maxContentLength ?? Infinity;
    let text = '';
    let bytes = 0;
    response.setEncoding('utf8');
    response.on('data', (piece: string) => {
      text += piece;
      bytes += piece.length;
      if (bytes > most) response.destroy(failure('The answer is too long', AxiosError.ERR_BAD_RESPONSE, config));
    });
    response.once('end', () => {
      resolve(text);
    });
    response.once('error', reject);
    // The connection ended before the answer did.
    response.once('close', () => {
      if (!response.complete) reject(failure('The answer broke off', 'ECONNRESET', config));
    });
  });
}

function failure(message: string, code: string, config: InternalAxiosRequestConfig): AxiosError {
  return new AxiosError(message, code, config);
}
