import { Module } from '@nestjs/common';
import { Doorbell } from './doorbell.js';
import { InProcessDoorbell } from './in-process.doorbell.js';

@Module({ providers: [{ provide: Doorbell, useClass: InProcessDoorbell }], exports: [Doorbell] })
export class QueueModule {}
