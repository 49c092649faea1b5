// The service for real: builds first if dist is absent or older than src. `node dist/src/main.js` is the same without npm.
import { buildIfStale } from './build-if-stale.mjs';

buildIfStale();
await import('../dist/src/main.js');
