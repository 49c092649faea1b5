import { Module } from '@nestjs/common';
import { AppSettings } from '../../config/index.js';
import { InProcessPace } from './in-process.pace.js';
import { paceLimits } from './pace-limits.js';
import { Pace } from './pace.port.js';
import { RedisPace } from './redis.pace.js';
import { RedisWindows } from './redis-windows.js';

function makePace({ redisUrl, limits }: AppSettings): Pace {
  const own = paceLimits(limits);
  return redisUrl === null ? new InProcessPace(own) : new RedisPace(own, new RedisWindows(redisUrl, own));
}

@Module({ providers: [{ provide: Pace, useFactory: makePace, inject: [AppSettings] }], exports: [Pace] })
export class PaceModule {}
