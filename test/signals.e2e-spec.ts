import { describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Ends with what it has said, and its code; by a signal that nobody heeded: with that. */
async function endOf(child: ChildProcess): Promise<{ code: number | NodeJS.Signals | null; output: string }> {
  const output: string[] = [];
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code: code ?? signal, output: output.join('') };
}

/** Heeds signals as the service does, and never gets ready to end. */
async function neverReady(withinMs: number): Promise<ChildProcess> {
  const script = `import { stopInTime } from './dist/src/signals.js';
    process.on('SIGTERM', () => process.stdout.write('heard;'));
    stopInTime((trouble) => process.stdout.write(trouble), ${String(withinMs)});
    setInterval(() => undefined, 1000);
    process.stdout.write('up;');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

describe('A signal', () => {
  // In a container the service is process 1, for which the system does nothing of itself.
  it.each([['SIGTERM', 143], ['SIGINT', 130]] as const)('%s during the start ends it at once: the service has heeded it', async (signal, code) => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const folder = mkdtempSync(join(tmpdir(), 'direct-signal-'));
    const url = `mysql://somebody:secret@127.0.0.1:${String((silent.address() as AddressInfo).port)}/none`;
    const child = spawn(process.execPath, ['dist/src/main.js'], {
      env: { PATH: process.env.PATH, DATA_DIR: folder, MYSQL_URL: url, APP_SECRET_KEY: 'a passphrase of the tests', LOG_LEVEL: 'silent' }, stdio: 'ignore',
    });
    const [connection] = (await once(silent, 'connection')) as [NodeJS.EventEmitter & { destroy(): void }];
    connection.on('error', () => undefined);
    child.kill(signal);
    expect((await endOf(child)).code).toBe(code);
    connection.destroy();
    silent.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('sent again ends what does not get ready', async () => {
    const child = await neverReady(60_000);
    child.kill('SIGTERM');
    await once(child.stdout!, 'data');
    child.kill('SIGTERM');
    expect(await endOf(child)).toEqual({ code: 1, output: expect.stringContaining('Told again to stop') });
  });

  it('is obeyed in time, whatever hangs', async () => {
    const child = await neverReady(300);
    child.kill('SIGTERM');
    expect(await endOf(child)).toEqual({ code: 1, output: expect.stringContaining('Stopping has taken 0.3 seconds') });
  });
});
