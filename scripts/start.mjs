// The service for real: builds first if dist is absent or older than src. `node dist/src/main.js` is the same without npm.
import { buildIfStaleOrExit } from './build-if-stale.mjs';
import { endWithNpm } from './end-with-npm.mjs';

buildIfStaleOrExit();
endWithNpm();
await import('../dist/src/main.js');
