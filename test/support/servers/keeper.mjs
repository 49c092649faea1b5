// @ts-check
// Runs one server for as long as its standard input is open, then kills it and removes its folder. A process of its
// own: it also cleans up after a test run that was itself killed.
// Arguments: <folder> <log file> <command> [argument …]
import { spawn } from 'node:child_process';
import { openSync, rmSync } from 'node:fs';

const [folder = '', log = '', command = '', ...args] = process.argv.slice(2);
const output = openSync(log, 'a');
const server = spawn(command, args, { stdio: ['ignore', output, output] });
let stopping = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
process.stdin.on('end', stop).on('error', stop).resume();
server.on('error', (error) => {
  process.stderr.write(error.message);
  end(1);
});
server.on('exit', (code) => end(stopping ? 0 : (code ?? 1)));

function stop() {
  stopping = true;
  // The data is thrown away: nothing is gained by a clean shutdown.
  server.kill('SIGKILL');
}

/** @param {number} code */
function end(code) {
  // The log of a server that died by itself is still read by the one who waits for it.
  if (stopping) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(code);
}
