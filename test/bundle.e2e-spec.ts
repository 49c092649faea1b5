import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunningService } from './support/running-service.js';

const BUNDLE = 'dist/bundle';
/** What is not in the bundle, with what it loads itself: native code, and what looks for files beside itself. */
const LIBRARIES = ['better-sqlite3', 'bindings', 'file-uri-to-path', 'swagger-ui-dist', 'thread-stream'];

describe('What is built', () => {
  it('loads no library a second time beside the one in the bundle: there would be two of its classes and of its memory', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'direct-bundle-'));
    const service = await RunningService.start({ DATA_DIR: folder, LOG_LEVEL: 'warn' }, undefined, ['--require', './test/support/loaded-libraries.cjs']);
    try {
      // Pages, DTOs and refusals: what Nest's packages load only when it is asked for.
      expect(await status(`${service.url}/docs`)).toBe(200);
      expect(await status(`${service.url}/docs-json`)).toBe(200);
      expect(await status(`${service.url}/health`)).toBe(200);
      expect((await service.api('POST', '/accounts', { id: 'x' })).status).toBe(400);
    } finally {
      await service.stop();
      rmSync(folder, { recursive: true, force: true });
    }
    const loaded = JSON.parse(/^loaded: (.*)$/m.exec(service.output)?.[1] ?? 'null') as string[];
    expect(loaded).toContain('better-sqlite3');
    expect(loaded.filter((name) => !LIBRARIES.includes(name))).toEqual([]);
  });

  it('imports nothing but itself, Node and those', () => {
    const modules = readdirSync(BUNDLE).filter((file) => file.endsWith('.js'));
    expect(modules).toEqual(expect.arrayContaining(['main.js', 'cli.js', 'hand-back.js']));
    for (const file of modules) {
      const imports = [...readFileSync(join(BUNDLE, file), 'utf8').matchAll(/^(?:import|export) (?:[^'";]*? from )?"([^"]+)";$/gm)].map(([, from = '']) => from);
      const foreign = imports.filter((from) => !from.startsWith('./') && !builtinModules.includes(from.replace('node:', '')) && !LIBRARIES.includes(from));
      expect([file, foreign]).toEqual([file, []]);
      for (const from of imports) if (from.startsWith('./')) expect(existsSync(join(BUNDLE, from))).toBe(true);
    }
  });

  it('names our own lines in a stack', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'direct-stack-'));
    const throws = join(folder, 'throws.mjs');
    // The first chunk that holds the function, by a name that is its own.
    const chunk = readdirSync(BUNDLE).find((file) => file.endsWith('.js') && readFileSync(join(BUNDLE, file), 'utf8').includes('async function serve('));
    writeFileSync(throws, `import { serve } from ${JSON.stringify(join(process.cwd(), BUNDLE, chunk ?? 'none'))};\nserve(null).catch((error) => console.log(error.stack));\n`);
    const child = spawn(process.execPath, ['--enable-source-maps', throws], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (piece: Buffer) => (output += piece.toString('utf8')));
    await once(child, 'close');
    rmSync(folder, { recursive: true, force: true });
    expect(output).toMatch(/^ +at .*src\/serve\.ts:\d+:\d+\)?$/m);
  });
});

async function status(url: string): Promise<number> {
  return (await fetch(url)).status;
}
