import { Module } from '@nestjs/common';
import { InstanceId } from './instance-id.js';
import { InstanceRepository } from './instance.repository.js';
import { Instances } from './instances.js';

/** Nothing is counted until `Instances.start` is called, which only processes that work do. */
@Module({ providers: [InstanceId, InstanceRepository, Instances], exports: [InstanceId, Instances] })
export class InstancesModule {}
