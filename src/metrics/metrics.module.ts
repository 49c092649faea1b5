import { Global, Module } from '@nestjs/common';
import { Telemetry } from '../common/telemetry.js';
import { BacklogModule } from '../messaging/index.js';
import { BacklogGauges } from './backlog.gauges.js';
import { MetricsController } from './metrics.controller.js';
import { MetricsRegistry } from './metrics.registry.js';
import { PrometheusTelemetry } from './prometheus.telemetry.js';

/** Global because messaging reports through `Telemetry` and must not know who counts. */
@Global()
@Module({
  imports: [BacklogModule],
  controllers: [MetricsController],
  providers: [MetricsRegistry, BacklogGauges, { provide: Telemetry, useClass: PrometheusTelemetry }],
  exports: [Telemetry],
})
export class MetricsModule {}
