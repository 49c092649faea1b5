import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';

export type Step = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/** Where one kind of request goes that comes too often for the router. */
export interface Entrance {
  isMeant(request: IncomingMessage): boolean;
  take(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/**
 * Leads the requests that are meant for `entrance` there, through `steps` (middleware), past the framework's router; all
 * others go to the router as before. Express and Nest's routing cost about four times what it costs to check a delivery's
 * signature and read it (see docs/performance.md).
 * @param failed answers for whatever a step or the entrance throws
 */
export function frontDoor(
  server: Server,
  entrance: Entrance,
  steps: readonly Step[],
  failed: (error: unknown, request: IncomingMessage, response: ServerResponse) => void,
): void {
  const routers = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (!entrance.isMeant(request)) {
      for (const router of routers) router(request, response);
      return;
    }
    const go = async (at: number): Promise<void> => {
      const step = steps[at];
      if (!step) {
        await entrance.take(request, response);
        return;
      }
      step(request, response, (error) => {
        if (error === undefined) pass(at + 1);
        else failed(error, request, response);
      });
    };
    // Also what is thrown on the spot: here is no router that would catch it before it ends the process.
    const pass = (at: number): void => {
      go(at).catch((error: unknown) => {
        failed(error, request, response);
      });
    };
    pass(0);
  });
}
