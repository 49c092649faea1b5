import { Controller, Get, Header, HttpCode, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiParam, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { ServerResponse } from 'node:http';
import { Public } from '../../common/access.decorators.js';
import { ApiErrorAnswers } from '../../common/http/index.js';
import { DeliveryReception } from './delivery-reception.js';
import { WebhookHandshakeService } from './webhook-handshake.service.js';
import type { WebhookRequest } from './webhook-request.js';
import { WebhookSignatureGuard } from './webhook-signature.guard.js';

const TEXT = 'text/plain; charset=utf-8';

type HandshakeQuery = Record<string, unknown>;

/** Where Meta delivers. Public: a delivery carries its own proof, the signature. */
@ApiTags('Webhooks')
@ApiProduces('text/plain')
@Controller('webhooks/instagram')
export class WebhookController {
  constructor(
    private readonly handshake: WebhookHandshakeService,
    private readonly reception: DeliveryReception,
  ) {}

  @Get()
  @Public()
  @Header('Content-Type', TEXT)
  @ApiOperation({ summary: 'Verification by Meta, with the verify token of any account' })
  @ApiQuery({ name: 'hub.mode', example: 'subscribe' })
  @ApiQuery({ name: 'hub.verify_token' })
  @ApiQuery({ name: 'hub.challenge', example: '1158201444' })
  @ApiResponse({ status: 200, description: 'The challenge, as it came', schema: { type: 'string' } })
  @ApiErrorAnswers(400, 403, 503)
  async verifyShared(@Query() query: HandshakeQuery): Promise<string> {
    return await this.handshake.answer(null, query);
  }

  @Get(':accountId')
  @Public()
  @Header('Content-Type', TEXT)
  @ApiOperation({ summary: "Verification by Meta, with this account's verify token" })
  @ApiQuery({ name: 'hub.mode', example: 'subscribe' })
  @ApiQuery({ name: 'hub.verify_token' })
  @ApiQuery({ name: 'hub.challenge', example: '1158201444' })
  @ApiResponse({ status: 200, description: 'The challenge, as it came', schema: { type: 'string' } })
  @ApiErrorAnswers(400, 403, 404, 503)
  async verify(@Param('accountId') accountId: string, @Query() query: HandshakeQuery): Promise<string> {
    return await this.handshake.answer(accountId, query);
  }

  @Post()
  @Public()
  @UseGuards(WebhookSignatureGuard)
  @HttpCode(200)
  @ApiOperation({ summary: 'Deliveries to the accounts of a Meta app' })
  @ApiHeader({ name: 'X-Hub-Signature-256', required: true, description: "sha256=<HMAC of the raw body with a named account's app secret>" })
  @ApiResponse({ status: 200, description: 'EVENT_RECEIVED: everything in it is stored', schema: { type: 'string' } })
  @ApiErrorAnswers(400, 401, 408, 413, 415, 503)
  async receiveShared(@Req() request: WebhookRequest, @Res() response: ServerResponse): Promise<void> {
    await this.reception.receive(request, response);
  }

  @Post(':accountId')
  @Public()
  @ApiParam({ name: 'accountId' })
  @UseGuards(WebhookSignatureGuard)
  @HttpCode(200)
  @ApiOperation({ summary: 'Deliveries signed with the app secret of this account' })
  @ApiHeader({ name: 'X-Hub-Signature-256', required: true, description: "sha256=<HMAC of the raw body with the account's app secret>" })
  @ApiResponse({ status: 200, description: 'EVENT_RECEIVED: everything in it is stored', schema: { type: 'string' } })
  @ApiErrorAnswers(400, 401, 404, 408, 413, 415, 503)
  async receiveForAccount(@Req() request: WebhookRequest, @Res() response: ServerResponse): Promise<void> {
    await this.reception.receive(request, response);
  }
}
