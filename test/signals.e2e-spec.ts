import { describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './support/running-service.js';

/** Ends with what it has said, and its code; by a signal that nobody heeded: with that. */
async function endOf(child: ChildProcess): Promise<{ code: number | NodeJS.Signals | null; output: string }> {
  const output: string[] = [];
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code: code ?? signal, output: output.join('') };
}

/** Heeds signals as the service does, and never gets ready to end. */
async function neverReady(withinMs: number, againAfterMs: number): Promise<ChildProcess> {
  const script = `import { stopInTime } from './dist/src/signals.js';
    process.on('SIGTERM', () => process.stdout.write('heard;'));
    stopInTime((trouble) => process.stdout.write(trouble), ${String(withinMs)}, ${String(againAfterMs)});
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

  it('that comes as soon as it answers ends it in good order', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'direct-signal-'));
    const port = String(await freePort());
    const child = spawn(process.execPath, ['dist/src/main.js'], {
      env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: port, DATA_DIR: folder, LOG_LEVEL: 'silent', ADMIN_API_KEY: 'test-administrator-key-0123456789' }, stdio: 'ignore',
    });
    const ended = endOf(child);
    const live = async () => (await fetch(`http://127.0.0.1:${port}/health/live`).catch(() => null))?.status;
    while ((await live()) !== 200 && child.exitCode === null) await delay(1);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    rmSync(folder, { recursive: true, force: true });
  });

  it('sent again ends what does not get ready; several at once are one', async () => {
    const child = await neverReady(60_000, 300);
    const ended = endOf(child);
    let sent = 0;
    for (const began = performance.now(); child.exitCode === null && performance.now() - began < 20_000; sent++) {
      child.kill('SIGTERM');
      await Promise.race([once(child.stdout!, 'data'), ended]);
    }
    expect(await ended).toEqual({ code: 1, output: expect.stringContaining('Told again to stop') });
    expect(sent).toBeGreaterThan(2);
  });

  it('is obeyed in time, whatever hangs', async () => {
    const child = await neverReady(300, 60_000);
    child.kill('SIGTERM');
    expect(await endOf(child)).toEqual({ code: 1, output: expect.stringContaining('Stopping has taken 0.3 seconds') });
  });
});
