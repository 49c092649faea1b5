// npm run build: compiles with Nest's own builder (its Swagger plugin reads the comments), then bundles. Ends with 1 when either fails.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.mjs';

const ROOT = join(import.meta.dirname, '..');
const { status } = spawnSync(process.execPath, [join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js'), 'build'], { cwd: ROOT, stdio: 'inherit' });
try {
  if (status !== 0) throw new Error('The build failed.');
  await bundle();
} catch (error) {
  // The compiler writes what it can: a half-made build must not look like a new one next time.
  rmSync(join(ROOT, 'dist/src/main.js'), { force: true });
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
