import { BullModule, getQueueToken } from '@nestjs/bullmq';
import { Module, type DynamicModule } from '@nestjs/common';
import { Worker, type Queue } from 'bullmq';
import { AppSettings } from '../config/index.js';
import { bellPrefix, queueOptions, workerOptions } from './bell-options.js';
import { BullmqDoorbell, type BellJob, type WorkerFactory } from './bullmq.doorbell.js';
import { Doorbell, TOPICS } from './doorbell.js';
import { InProcessDoorbell } from './in-process.doorbell.js';
import { RedisLineModule } from './redis-line.module.js';
import { RedisLine } from './redis-line.js';

/**
 * The queues are Nest's (`BullModule`). The workers are not: `@Processor` gives a worker the connection of its queue, which
 * here must fail at once while a worker's must wait, and makes it in every process that has the class, before the
 * other modules have named their handlers.
 */
@Module({})
export class QueueModule {
  static forRoot(settings: Pick<AppSettings, 'redisUrl' | 'mysql' | 'dataDir'>): DynamicModule {
    const { redisUrl } = settings;
    if (redisUrl === null) return this.with([], { provide: Doorbell, useClass: InProcessDoorbell });
    const prefix = bellPrefix(settings);
    const newWorker: WorkerFactory = (topic, process) => new Worker(topic, process, workerOptions(redisUrl, prefix));
    const queues = TOPICS.map((name) => ({
      name,
      imports: [RedisLineModule],
      inject: [RedisLine],
      useFactory: ({ redis }: RedisLine) => ({ ...queueOptions(prefix), connection: redis }),
    }));
    return this.with([RedisLineModule, BullModule.registerQueueAsync(...queues)], {
      provide: Doorbell,
      inject: [RedisLine, ...TOPICS.map((topic) => getQueueToken(topic))],
      useFactory: (line: RedisLine, inbox: Queue<BellJob>, outbox: Queue<BellJob>) => new BullmqDoorbell(line, { inbox, outbox }, newWorker),
    });
  }

  private static with(imports: NonNullable<DynamicModule['imports']>, doorbell: NonNullable<DynamicModule['providers']>[number]): DynamicModule {
    return { module: QueueModule, global: true, imports, providers: [doorbell], exports: [Doorbell] };
  }
}
