// @ts-check
// npm run bench:backlog
import { command } from '../support/command.mjs';

await command('bench:backlog', ['One account has a backlog: how fast does it drain, and how long do the others\' customers wait meanwhile?'], {
  databases: { text: 'mysql, sqlite, mariadb', default: 'mysql' },
  events: { text: 'in the backlog', default: '500000' },
  rate: { text: 'new deliveries a second of other accounts', default: '50' },
  seconds: { text: 'of these without a backlog, to compare with', default: '20' },
}, async ({ text, number }) => {
  const { benchBacklog } = await import('./backlog.mjs');
  let fine = true;
  for (const database of text('databases').split(',')) {
    fine = (await benchBacklog(database, { events: number('events'), rate: number('rate'), seconds: number('seconds') })) && fine;
  }
  return fine;
});
