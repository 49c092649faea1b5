import { Module } from '@nestjs/common';
import { AppSettings } from '../config/index.js';
import { RedisLine } from './redis-line.js';

@Module({
  providers: [{ provide: RedisLine, inject: [AppSettings], useFactory: ({ redisUrl }: AppSettings) => new RedisLine(redisUrl ?? '') }],
  exports: [RedisLine],
})
export class RedisLineModule {}
