import { expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eachDatabase } from './support/databases.js';

const RUN = join(import.meta.dirname, 'chaos/run.mjs');

/** `npm run chaos -- …`, with everything it says. */
async function chaos(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [RUN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => lines.push(chunk.toString('utf8')));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: lines.join('') };
}

eachDatabase((database) => {
  it('kill -9 again and again under load: every acknowledged message is answered exactly once', async () => {
    const { MYSQL_URL: address = 'sqlite' } = database.env;
    const { code, output } = await chaos(['--kills', '4', '--conversations', '20', '--database', address]);
    const figure = (name: string) => Number(new RegExp(`^ +${name} +(\\d+)`, 'm').exec(output)?.[1]);
    // With the seed, and the story of what went wrong.
    if (code !== 0) throw new Error(output);
    expect(figure('kills')).toBe(4);
    expect(figure('acknowledged')).toBeGreaterThan(50);
    expect(figure('answered')).toBe(figure('acknowledged'));
    expect(figure('uncertain')).toBeGreaterThan(0);
    for (const wrong of ['duplicates', 'lost', 'order violations', 'wrong records', 'never settled']) expect([wrong, figure(wrong)]).toEqual([wrong, 0]);
  }, 300_000);
});
