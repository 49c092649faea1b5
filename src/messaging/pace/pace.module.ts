import { Module } from '@nestjs/common';
import { AppSettings } from '../../config/index.js';
import { InProcessPace } from './in-process.pace.js';
import { paceLimits } from './pace-limits.js';
import { Pace } from './pace.port.js';

/** What speaks to Redis is loaded where there is one. */
async function makePace({ redisUrl, limits }: AppSettings): Promise<Pace> {
  const own = paceLimits(limits);
  if (redisUrl === null) return new InProcessPace(own);
  const [{ RedisPace }, { RedisWindows }] = await Promise.all([import('./redis.pace.js'), import('./redis-windows.js')]);
  return new RedisPace(own, new RedisWindows(redisUrl, own));
}

@Module({ providers: [{ provide: Pace, useFactory: makePace, inject: [AppSettings] }], exports: [Pace] })
export class PaceModule {}
