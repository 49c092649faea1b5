import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

interface Flow {
  readonly ends: readonly [Socket, Socket];
  /** Nothing passes any more, not even that one end has closed it. */
  lost: boolean;
}

/** A way to a server that can fall silent, connections staying open and nothing coming through, or slow. */
export class SilentProxy {
  private readonly flows = new Set<Flow>();
  private silent = false;
  private delayMs = 0;

  private constructor(private readonly server: Server) {}

  static async to(host: string, port: number): Promise<SilentProxy> {
    // Half open: a lost flow does not answer who closes it.
    const server = createServer({ allowHalfOpen: true });
    const proxy = new SilentProxy(server);
    server.on('connection', (near) => {
      proxy.join(near, connect({ port, host, allowHalfOpen: true }));
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

  /** As when a host vanishes and another takes its name, or a NAT forgets: nobody is told, and what connects anew gets through. */
  loseFlows(): void {
    for (const flow of this.flows) flow.lost = true;
  }

  async close(): Promise<void> {
    for (const { ends } of this.flows) for (const socket of ends) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(near: Socket, far: Socket): void {
    const flow: Flow = { ends: [near, far], lost: false };
    this.flows.add(flow);
    for (const [from, to] of [[near, far], [far, near]] as const) {
      let dueAt = 0;
      from.on('data', (chunk: Buffer) => {
        if (this.silent || flow.lost) return;
        // Never before what came earlier, also when the delay has become shorter.
        dueAt = Math.max(dueAt, performance.now() + (from === far ? this.delayMs : 0));
        const wait = dueAt - performance.now();
        if (wait > 0) setTimeout(() => to.write(chunk), Math.ceil(wait));
        else to.write(chunk);
      });
      from.on('end', () => {
        if (!flow.lost) to.destroy();
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        if (!flow.lost) to.destroy();
        if (near.destroyed && far.destroyed) this.flows.delete(flow);
      });
    }
  }
}
