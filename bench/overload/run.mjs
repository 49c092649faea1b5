// @ts-check
// npm run bench:overload
import { command } from '../support/command.mjs';

await command('bench:overload', ['Load far above capacity, with Meta\'s redeliveries: is every answer in time, and is everything stored once in the end?'], {
  databases: { text: 'mysql, sqlite, mariadb', default: 'mysql,sqlite' },
  seconds: { text: 'how long the load lasts', default: '30' },
  times: { text: 'the load, in times of the capacity measured before', default: '3' },
  connections: { text: 'kept alive at once', default: '8000' },
}, async ({ text, number }) => {
  const { benchOverload } = await import('./overload.mjs');
  let fine = true;
  for (const database of text('databases').split(',')) {
    fine = (await benchOverload(database, { seconds: number('seconds'), times: number('times'), connections: number('connections') })) && fine;
  }
  return fine;
});
