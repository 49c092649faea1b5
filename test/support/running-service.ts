import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface ApiAnswer<T = Record<string, unknown>> {
  readonly status: number;
  readonly body: T;
  readonly text: string;
  readonly headers: Headers;
}

/** The built service as its own process: the only way to kill it for real. */
export class RunningService {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly adminKey: string,
    private readonly lines: string[],
  ) {}

  static async start(environment: Readonly<Record<string, string>>, port?: number, nodeArgs: readonly string[] = []): Promise<RunningService> {
    const adminKey = environment.ADMIN_API_KEY ?? 'test-administrator-key-0123456789';
    const chosen = port ?? (await freePort());
    const child = spawn(process.execPath, [...nodeArgs, 'dist/src/main.js'], {
      env: {
        PATH: process.env.PATH,
        PORT: String(chosen),
        HOST: '127.0.0.1',
        APP_SECRET_KEY: 'a passphrase for the tests only',
        ADMIN_API_KEY: adminKey,
        LOG_LEVEL: 'info',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const lines: string[] = [];
    child.stdout.on('data', (chunk: Buffer) => lines.push(chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => lines.push(chunk.toString('utf8')));
    const service = new RunningService(child, `http://127.0.0.1:${String(chosen)}`, adminKey, lines);
    await service.ready();
    return service;
  }

  /** Everything the process has printed so far. */
  get output(): string {
    return this.lines.join('');
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  async api<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<ApiAnswer<T>> {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.adminKey}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as T, text, headers: answer.headers };
  }

  /** All items of a list, page by page. */
  async list<T = Record<string, unknown>>(path: string): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const separator = path.includes('?') ? '&' : '?';
      const next = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: ApiAnswer<{ items: T[]; nextCursor: string | null }> = await this.api('GET', `${path}${separator}limit=200${next}`);
      if (page.status !== 200) throw new Error(`GET ${path}: ${String(page.status)} ${page.text}`);
      items.push(...page.body.items);
      cursor = page.body.nextCursor;
    } while (cursor !== null);
    return items;
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<number | null> {
    return await this.end('SIGTERM');
  }

  private async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const exited = once(this.child, 'exit');
    this.child.kill(signal);
    await exited;
    return this.child.exitCode;
  }

  private async ready(): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (Date.now() < deadline) {
      if (this.child.exitCode !== null) throw new Error(`The service ended with ${String(this.child.exitCode)}:\n${this.output}`);
      const answer = await fetch(`${this.url}/health/ready`).catch(() => null);
      if (answer?.status === 200) return;
      await delay(50);
    }
    throw new Error(`The service did not become ready:\n${this.output}`);
  }
}

/** Often at first; what has not come by then takes seconds, and asking costs the service and its database as much as any call. */
const LOOKS = { firstMs: 20, slower: 1.2, lastMs: 250 };

/** Asks until the answer satisfies, or fails saying what it last saw. */
export async function eventually<T>(what: string, ask: () => Promise<T>, satisfied: (answer: T) => boolean, seconds = 30): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (let pause = LOOKS.firstMs; ; pause = Math.min(pause * LOOKS.slower, LOOKS.lastMs)) {
    const answer = await ask();
    if (satisfied(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${String(seconds)} s; last seen: ${JSON.stringify(answer).slice(0, 2000)}`);
    await delay(pause);
  }
}

/** Below what the system gives by itself (32768 and above), and for each of jest's workers a range of its own: who asks first starts seconds later. */
const PORTS = { first: 10_000, perWorker: 2_500, workers: 8 };
let lastPort = Math.floor(Math.random() * PORTS.perWorker);

/** A port that nobody else takes before the service listens there. */
export async function freePort(): Promise<number> {
  const worker = Number(process.env.JEST_WORKER_ID ?? 0) % PORTS.workers;
  for (;;) {
    lastPort = (lastPort + 1) % PORTS.perWorker;
    const port = PORTS.first + worker * PORTS.perWorker + lastPort;
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listening = once(server, 'listening').then(() => true, () => false);
  server.listen(port, '127.0.0.1');
  const free = await listening;
  if (free) {
    server.close();
    await once(server, 'close');
  }
  return free;
}
