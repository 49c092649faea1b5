// @ts-check
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepServer, mustRun, onFreePort } from './private-server.mjs';

/** A Docker program without a running engine is no Docker. */
export function hasDocker() {
  try {
    mustRun('docker', ['info']);
    return true;
  } catch {
    return false;
  }
}

/**
 * A container that lives as long as the keeper of its `docker run`.
 * @template T
 * @param {{ image: string, inner: number, args: string[], ready: (port: number) => Promise<T> }} options
 */
export function inDocker({ image, inner, args, ready }) {
  return onFreePort(async (port) => {
    const folder = mkdtempSync(join(tmpdir(), 'direct-docker-'));
    const name = folder.slice(folder.lastIndexOf('/') + 1).toLowerCase();
    const publish = `127.0.0.1:${String(port)}:${String(inner)}`;
    const server = await keepServer({
      folder,
      command: 'docker',
      args: ['run', '--rm', '--name', name, '-p', publish, ...args, image],
      ready: () => ready(port),
    });
    const stop = async () => {
      mustRun('docker', ['rm', '-f', name]);
      await server.stop();
    };
    return { result: server.result, port, stop };
  });
}
