// npm run cli -- <command>: builds first if dist is absent or older than src.
import { buildIfStaleOrExit } from './build-if-stale.mjs';

buildIfStaleOrExit();
await import('../dist/src/cli.js');
