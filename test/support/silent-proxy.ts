import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server that can fall silent, connections staying open and nothing coming through, or slow. */
export class SilentProxy {
  private readonly sockets = new Set<Socket>();
  private silent = false;
  private delayMs = 0;

  private constructor(private readonly server: Server) {}

  static async to(host: string, port: number): Promise<SilentProxy> {
    const server = createServer({ allowHalfOpen: false });
    const proxy = new SilentProxy(server);
    server.on('connection', (near) => {
      const far = connect(port, host);
      for (const [from, to] of [[near, far], [far, near]] as const) {
        let dueAt = 0;
        proxy.sockets.add(from);
        from.on('data', (chunk: Buffer) => {
          if (proxy.silent) return;
          // Never before what came earlier, also when the delay has become shorter.
          dueAt = Math.max(dueAt, performance.now() + (from === far ? proxy.delayMs : 0));
          const wait = dueAt - performance.now();
          if (wait > 0) setTimeout(() => to.write(chunk), Math.ceil(wait));
          else to.write(chunk);
        });
        from.on('error', () => to.destroy());
        from.on('close', () => {
          proxy.sockets.delete(from);
          to.destroy();
        });
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  fallSilent(): void {
    this.silent = true;
  }

  /** Each answer of the server comes this much later. */
  slowDown(delayMs: number): void {
    this.delayMs = delayMs;
  }

  /** For connections made from now on; those it swallowed something of are of no use any more. */
  speakAgain(): void {
    this.silent = false;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}
