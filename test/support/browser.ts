import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

/** A real browser: the one TEST_CHROMIUM names, one that is installed, or, as root on Debian, installed now. Else null. */
export function findBrowser(): string | null {
  const given = process.env.TEST_CHROMIUM;
  if (given !== undefined && given !== '') return given;
  const installed = PLACES.find((place) => existsSync(place));
  if (installed !== undefined) return installed;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return null;
  try {
    process.stdout.write('Installing chromium for the test of Swagger UI …\n');
    for (const command of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
      execFileSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...command], {
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
        stdio: 'ignore',
        timeout: 300_000,
      });
    }
  } catch {
    return null;
  }
  return PLACES.find((place) => existsSync(place)) ?? null;
}

/** Why the browser's tests do not run, in the one line that `npm test` repeats at its end. With CI that is a failure. */
export function reportMissingBrowser(what: string): void {
  const line = `NOT TESTED ${what}: no Chromium (install chromium, or name one in TEST_CHROMIUM).`;
  if (process.env.CI) throw new Error(line);
  process.stderr.write(`${line}\n`);
}
