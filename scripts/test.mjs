// npm test: lint, types, build, unit and end-to-end tests. `npm run test:unit` and `npm run test:e2e` run one level only;
// what follows `--` goes to jest. Prints at its end which servers the tests ran on and jest's own closing lines.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const level = ['unit', 'e2e'].find((name) => name === process.argv[2]);
const forJest = process.argv.slice(level ? 3 : 2);
const bin = (path) => join(root, 'node_modules', path);

if (!level) {
  step('lint', 'npm', ['run', '--silent', 'lint']);
  step('types', 'npm', ['run', '--silent', 'types']);
}
// Some end-to-end tests start the built service as its own process.
if (level !== 'unit') step('build', process.execPath, [join(root, 'scripts/build.mjs')]);

const closing = [];
const code = await jest([
  '--selectProjects',
  ...(level ? [level] : ['unit', 'e2e']),
  '--colors', // also ends the list of projects: what follows may be a path
  ...(process.env.CI ? ['--ci'] : []),
  ...forJest,
]);
process.stdout.write(`\n${closing.join('\n')}\n`);
process.exit(code);

function step(name, command, args) {
  const began = Date.now();
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  if (status === 0) return void process.stdout.write(`✓ ${name} (${seconds} s)\n`);
  process.stderr.write(`✗ ${name} failed\n`);
  process.exit(1);
}

function jest(args) {
  const env = { ...process.env, NODE_OPTIONS: options(process.env.NODE_OPTIONS) };
  const child = spawn(process.execPath, [bin('jest/bin/jest.js'), ...args], { cwd: root, env, stdio: ['inherit', 'pipe', 'pipe'] });
  child.stdout.on('data', (chunk) => process.stdout.write(chunk));
  child.stderr.on('data', (chunk) => process.stderr.write(chunk));
  for (const stream of [child.stdout, child.stderr]) collect(stream);
  return new Promise((resolve) => child.on('close', (status) => resolve(status ?? 1)));
}

/** Keeps the lines worth repeating at the very end, where a reader of a long log looks. */
function collect(stream) {
  let rest = '';
  stream.setEncoding('utf8').on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    // eslint-disable-next-line no-control-regex -- jest colours its summary
    const plain = lines.map((line) => line.replace(/\x1b\[[0-9;]*m/g, '').trimEnd());
    closing.push(...plain.filter((line) => /^(Test servers:|Test Suites:|Tests:|NOT TESTED)/.test(line)));
  });
}

function options(given = '') {
  return [given, '--experimental-vm-modules', '--disable-warning=ExperimentalWarning'].filter(Boolean).join(' ');
}
