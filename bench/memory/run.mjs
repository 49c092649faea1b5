// @ts-check
// npm run bench:memory
import { command } from '../support/command.mjs';

await command('bench:memory', ['Is the memory of the service flat over a million deliveries?'], {
  databases: { text: 'mysql, sqlite, mariadb', default: 'mysql' },
  deliveries: { text: 'measured, after the warm-up', default: '1000000' },
  'warm-up': { text: 'deliveries before', default: '100000' },
  every: { text: 'deliveries from one sample to the next', default: '50000' },
  connections: { text: 'kept alive, each with one delivery under way', default: '32' },
}, async ({ text, number }) => {
  const { benchMemory } = await import('./memory.mjs');
  let flat = true;
  for (const database of text('databases').split(',')) {
    flat = (await benchMemory(database, { deliveries: number('deliveries'), warmUp: number('warm-up'), every: number('every'), connections: number('connections') })) && flat;
  }
  return flat;
});
