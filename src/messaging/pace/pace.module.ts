import { Module } from '@nestjs/common';
import { AppSettings } from '../../config/index.js';
import { SentPrivateReplies } from './former-passes.js';
import { InProcessPace } from './in-process.pace.js';
import { paceLimits } from './pace-limits.js';
import { SYSTEM_TIME } from './pace-line.js';
import { Pace } from './pace.port.js';
import { SentPrivateReplyRepository } from './sent-private-reply.repository.js';

/** What speaks to Redis is loaded where there is one. */
async function makePace({ redisUrl, limits }: AppSettings, former: SentPrivateReplies): Promise<Pace> {
  const own = paceLimits(limits);
  if (redisUrl === null) return new InProcessPace(own, SYSTEM_TIME, former);
  const [{ RedisPace }, { RedisWindows }] = await Promise.all([import('./redis.pace.js'), import('./redis-windows.js')]);
  return new RedisPace(own, new RedisWindows(redisUrl, own));
}

@Module({
  providers: [SentPrivateReplyRepository, SentPrivateReplies, { provide: Pace, useFactory: makePace, inject: [AppSettings, SentPrivateReplies] }],
  exports: [Pace],
})
export class PaceModule {}
