import { Controller, Get, Header, HttpException, HttpStatus, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { HealthCheck, HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import type { Response } from 'express';
import { Public } from '../common/access.decorators.js';
import { ShutdownState } from '../common/shutdown-state.js';
import { HealthIndicators } from './health.indicators.js';

@ApiTags('Operations')
@Public()
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicators,
    private readonly shutdown: ShutdownState,
  ) {}

  @Get()
  @HealthCheck({ noCache: true, swaggerDocumentation: false })
  @ApiOperation({ summary: 'Whether the database and the queue work; answers within two seconds' })
  @ApiResponse({ status: 200, description: 'Terminus JSON; the backlog and dead tokens are shown and never red' })
  @ApiResponse({ status: 503, description: 'The same, with what does not work under `error`' })
  async check(@Res({ passthrough: true }) response: Response): Promise<HealthCheckResult | string | object> {
    try {
      return await this.health.check([
        () => this.indicators.database(),
        () => this.indicators.queue(),
        () => this.indicators.backlogShown(),
      ]);
    } catch (error) {
      // Terminus throws its own JSON; the global filter would make an error answer of it.
      if (!(error instanceof HttpException)) throw error;
      response.status(error.getStatus());
      return error.getResponse();
    }
  }

  @Get('live')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: '200 while the process runs' })
  @ApiResponse({ status: 200, description: 'The process runs' })
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Whether new requests should be sent here: 503 from the moment shutdown begins' })
  @ApiResponse({ status: 200, description: 'Send requests here' })
  @ApiResponse({ status: 503, description: 'Shutting down' })
  ready(@Res({ passthrough: true }) response: Response): { status: 'ok' | 'shutting_down' } {
    if (!this.shutdown.hasBegun) return { status: 'ok' };
    response.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status: 'shutting_down' };
  }
}
