// TypeORM's own commands on the built data source: npm run migration:show | migration:revert | schema:log.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildIfStaleOrExit } from './build-if-stale.mjs';

buildIfStaleOrExit();
const root = join(import.meta.dirname, '..');
const [command, ...more] = process.argv.slice(2);
const typeorm = join(root, 'node_modules/typeorm/cli.js');
const result = spawnSync(process.execPath, [typeorm, command, '-d', join(root, 'dist/ormconfig.js'), ...more], { stdio: 'inherit' });
process.exit(result.status ?? 1);
