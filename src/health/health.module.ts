import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { BacklogModule } from '../messaging/index.js';
import { DatabaseProbeRepository } from './database-probe.repository.js';
import { HealthController } from './health.controller.js';
import { HealthIndicators } from './health.indicators.js';
import { RuntimeModule } from './runtime.module.js';

@Module({
  // Terminus would log every red probe; the indicators log changes.
  imports: [TerminusModule.forRoot({ logger: false }), BacklogModule, RuntimeModule],
  controllers: [HealthController],
  providers: [HealthIndicators, DatabaseProbeRepository],
})
export class HealthModule {}
