import { BullModule, getQueueToken } from '@nestjs/bullmq';
import { Module, type DynamicModule } from '@nestjs/common';
import { Worker, type Queue } from 'bullmq';
import type { AppSettings } from '../config/index.js';
import { bellPrefix, queueOptions, workerOptions } from './bell-options.js';
import { BullmqDoorbell, type BellJob, type WorkerFactory } from './bullmq.doorbell.js';
import { Doorbell, TOPICS } from './doorbell.js';
import { RedisLineModule } from './redis-line.module.js';
import { RedisLine } from './redis-line.js';

/**
 * The queues are Nest's (`BullModule`). The workers are not: `@Processor` gives a worker the connection of its queue, which
 * here must fail at once while a worker's must wait, and makes it in every process that has the class, before the
 * other modules have named their handlers.
 */
@Module({})
export class BullmqModule {
  static forRoot(redisUrl: string, settings: Pick<AppSettings, 'mysql' | 'dataDir'>): DynamicModule {
    const prefix = bellPrefix(settings);
    const newWorker: WorkerFactory = (topic, process) => new Worker(topic, process, workerOptions(redisUrl, prefix));
    const queues = TOPICS.map((name) => ({
      name,
      imports: [RedisLineModule],
      inject: [RedisLine],
      useFactory: ({ redis }: RedisLine) => ({ ...queueOptions(prefix), connection: redis }),
    }));
    const doorbell = {
      provide: Doorbell,
      inject: [RedisLine, ...TOPICS.map((topic) => getQueueToken(topic))],
      useFactory: (line: RedisLine, inbox: Queue<BellJob>, outbox: Queue<BellJob>) => new BullmqDoorbell(line, { inbox, outbox }, newWorker),
    };
    return { module: BullmqModule, imports: [RedisLineModule, BullModule.registerQueueAsync(...queues)], providers: [doorbell], exports: [Doorbell] };
  }
}
