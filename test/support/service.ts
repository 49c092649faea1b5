import type { NestExpressApplication } from '@nestjs/platform-express';
import type { AppSettings } from '../../src/config/index.js';
import { serve } from '../../src/serve.js';
import type { ApiAnswer } from './running-service.js';

/** The service inside the test's own process: quick to start, and its providers can be asked. */
export class InProcessService {
  private constructor(
    readonly app: NestExpressApplication,
    readonly url: string,
    private readonly adminKey: string,
  ) {}

  /** `settings` needs ADMIN_API_KEY, HOST=127.0.0.1 and PORT=0 (any free port). */
  static async start(settings: AppSettings): Promise<InProcessService> {
    const app = await serve(settings);
    const { port } = app.getHttpServer().address() as { port: number };
    return new InProcessService(app, `http://127.0.0.1:${String(port)}`, settings.adminApiKey ?? '');
  }

  async api<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<ApiAnswer<T>> {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.adminKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as T, text, headers: answer.headers };
  }

  async stop(): Promise<void> {
    await this.app.close();
  }
}
