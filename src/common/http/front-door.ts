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
    const go = (at: number): void => {
      const step = steps[at];
      if (step) {
        step(request, response, (error) => {
          if (error === undefined) go(at + 1);
          else failed(error, request, response);
        });
        return;
      }
      entrance.take(request, response).catch((error: unknown) => {
        failed(error, request, response);
      });
    };
    go(0);
  });
}
