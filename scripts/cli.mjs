// npm run cli -- <command>: builds first if dist is absent or older than src.
import { buildIfStale } from './build-if-stale.mjs';

buildIfStale();
await import('../dist/src/cli.js');
