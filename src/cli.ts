import { runCli } from './cli/program.js';

process.exitCode = await runCli(process.argv.slice(2));
// What a start that failed half-way has opened (Redis, the database) nobody can close any more, and it would keep the process.
if (process.exitCode !== 0) process.stdout.write('', () => process.stderr.write('', () => process.exit()));
