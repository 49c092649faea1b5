// npm run build: compiles with Nest's own builder (its Swagger plugin reads the comments), then bundles. Ends with 1 when either fails.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bundle } from './bundle.mjs';

const ROOT = join(import.meta.dirname, '..');
const { status } = spawnSync(process.execPath, [join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js'), 'build'], { cwd: ROOT, stdio: 'inherit' });
if (status === 0) await bundle();
else process.exitCode = 1;
