// An instance that sends for one account as fast as its pace lets it: node pace-caller.mjs <redis> <account> <calls> <address>
// Prints how late, at worst, it got to what it was to do: by so much what was granted apart may have arrived together.
import { watchLateness } from './lateness.mjs';

// Found while running: lint and types of a clean checkout come before the build.
const built = async (file) => await import(new URL(`../../dist/src/${file}`, import.meta.url).href);
const { parseEnvironment } = await built('config/index.js');
const { paceLimits } = await built('messaging/pace/pace-limits.js');
const { RedisPace } = await built('messaging/pace/redis.pace.js');
const { RedisWindows } = await built('messaging/pace/redis-windows.js');

const [redis = '', account = '', calls = '0', address = ''] = process.argv.slice(2);
const limits = paceLimits(parseEnvironment({}).limits);
const pace = new RedisPace(limits, new RedisWindows(redis, limits));
await pace.open();
const lateness = watchLateness();
await Promise.all(Array.from({ length: Number(calls) }, async () => {
  const pass = await pace.take(account, ['sends'], 60_000);
  if (!pass.granted) throw new Error('not granted within a minute');
  await (await fetch(address, { method: 'POST' })).text();
}));
pace.close();
process.stdout.write(`${JSON.stringify({ worst: lateness() })}\n`);
