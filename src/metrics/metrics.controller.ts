import { Controller, Get, Header } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { MinimumRole } from '../common/access.decorators.js';
import { ApiErrorAnswers } from '../common/http/index.js';
import { BacklogGauges } from './backlog.gauges.js';
import { MetricsRegistry } from './metrics.registry.js';

@ApiTags('Operations')
@ApiBearerAuth()
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly registry: MetricsRegistry,
    private readonly gauges: BacklogGauges,
  ) {}

  @Get()
  @MinimumRole('viewer', { withoutDatabase: true })
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'What the service counts, as Prometheus reads it' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ description: 'Prometheus text format', schema: { type: 'string' } })
  @ApiErrorAnswers(401)
  async read(): Promise<string> {
    await this.gauges.refresh();
    return await this.registry.metrics();
  }
}
