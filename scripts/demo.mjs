// npm run demo: the main job on this machine alone. Starts the built service with an embedded database and a local
// stand-in of Meta, delivers signed webhooks of two accounts, and shows each message, the rule and the reply.
// `npm run demo -- --stay` keeps it running, with Swagger UI.
import { buildIfStaleOrExit } from './build-if-stale.mjs';
import { endWithNpm } from './end-with-npm.mjs';

const stays = process.argv.includes('--stay');
const stranger = process.argv.slice(2).find((argument) => argument !== '--stay');
if (stranger !== undefined) {
  process.stderr.write(`demo: unknown option ${stranger}; there is only --stay\n`);
  process.exit(1);
}
buildIfStaleOrExit();
endWithNpm();
const { runDemo } = await import('./demo/run.mjs');
process.exitCode = await runDemo({ stays });
