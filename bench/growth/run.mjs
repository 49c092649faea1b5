// @ts-check
// npm run bench:growth
import { resolve } from 'node:path';
import { command } from '../support/command.mjs';

await command('bench:growth', ['Does the service stay as fast as its tables grow? Fills one database with millions of rows and measures it beside a nearly empty one.'], {
  database: { text: 'mysql, mariadb or sqlite', default: 'mysql' },
  messages: { text: 'in the filled database', default: '10000000' },
  conversations: { text: 'in the filled database', default: '1000000' },
  events: { text: 'settled events in it (30 days of them are kept)', default: '2000000' },
  rounds: { text: 'each measures both databases', default: '5' },
  seconds: { text: 'of deliveries in each', default: '8' },
  'buffer-pool': { text: 'MiB of memory the database server is given; its own default is 128', default: '2048' },
  'redo-log': { text: 'MiB of its redo log, of a MySQL of this run\'s own; its own default is 100', default: '100' },
  data: { text: 'a folder in which the filled database stays for the next run, whatever sizes that one names', default: '' },
  'fill-only': { text: 'yes: fills --data <folder> and measures nothing', default: 'no' },
}, async ({ text, number }) => {
  if (text('fill-only') === 'yes' && text('data') === '') throw new Error('--fill-only yes needs --data <folder>');
  const { benchGrowth } = await import('./growth.mjs');
  return await benchGrowth(text('database'), {
    messages: number('messages'), conversations: number('conversations'), events: number('events'), rounds: number('rounds'),
    seconds: number('seconds'), bufferPoolMib: number('buffer-pool'), redoLogMib: number('redo-log'),
    data: text('data') === '' ? '' : resolve(text('data')), fillOnly: text('fill-only') === 'yes',
  });
});
