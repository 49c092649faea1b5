import { Global, Module } from '@nestjs/common';
import { ShutdownState } from '../common/shutdown-state.js';
import { WorkerPulse } from '../common/worker-pulse.js';

/** Global because the loops that beat are in messaging, which does not know health. */
@Global()
@Module({ providers: [ShutdownState, WorkerPulse], exports: [ShutdownState, WorkerPulse] })
export class RuntimeModule {}
