import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const SOURCES = ['src', 'migrations', 'ormconfig.ts', 'package.json', 'tsconfig.json', 'nest-cli.json', 'scripts/bundle.mjs'];

/** Builds `dist` when it is absent or older than any source, or throws. Its output goes to stderr: stdout belongs to the command. */
export function buildIfStale() {
  const built = join(ROOT, 'dist/src/main.js');
  // An image holds `dist` and no sources: nothing to compare, nothing to build with.
  if (existsSync(built) && newest(SOURCES.map((source) => join(ROOT, source))) <= statSync(built).mtimeMs) return;
  if (!existsSync(join(ROOT, 'node_modules/@nestjs/cli'))) throw new Error('dist is absent or older than src, and the build tools are not installed: run npm ci.');
  process.stderr.write('Building …\n');
  const { status } = spawnSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('It is not started.');
}

function newest(paths) {
  let latest = 0;
  for (const path of paths) {
    if (!existsSync(path) || path.endsWith('.spec.ts')) continue;
    const stat = statSync(path);
    const age = stat.isDirectory() ? newest(readdirSync(path).map((name) => join(path, name))) : stat.mtimeMs;
    latest = Math.max(latest, age);
  }
  return latest;
}

/** As the first line of a command: a build that fails ends it with one line. */
export function buildIfStaleOrExit() {
  try {
    buildIfStale();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
