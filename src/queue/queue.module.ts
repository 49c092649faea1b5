import { Module, type DynamicModule } from '@nestjs/common';
import type { AppSettings } from '../config/index.js';
import { Doorbell } from './doorbell.js';
import { InProcessDoorbell } from './in-process.doorbell.js';

@Module({ providers: [{ provide: Doorbell, useClass: InProcessDoorbell }], exports: [Doorbell] })
class InProcessModule {}

/** The doorbell that the settings ask for. */
@Module({})
export class QueueModule {
  /** What speaks to Redis is loaded where there is one: it is a tenth of all that a process loads to start. */
  static async forRoot(settings: Pick<AppSettings, 'redisUrl' | 'mysql' | 'dataDir'>): Promise<DynamicModule> {
    const { redisUrl } = settings;
    const bells = redisUrl === null ? InProcessModule : (await import('./bullmq.module.js')).BullmqModule.forRoot(redisUrl, settings);
    return { module: QueueModule, global: true, imports: [bells], exports: [bells] };
  }
}
