import { Controller, Get, Header, HttpCode, Inject, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '../../common/access.decorators.js';
import { Clock } from '../../common/clock.js';
import { AppError } from '../../common/errors.js';
import { ApiErrorAnswers } from '../../common/http/index.js';
import { Telemetry, type DeliveryResult } from '../../common/telemetry.js';
import { MESSAGE_RECEIVER, type MessageReceiver } from '../message-receiver.port.js';
import { inTime } from './in-time.js';
import { refusalOf } from './refusal-of.js';
import { WebhookHandshakeService } from './webhook-handshake.service.js';
import type { WebhookRequest } from './webhook-request.js';
import { WebhookSignatureGuard } from './webhook-signature.guard.js';

const TEXT = 'text/plain; charset=utf-8';
const RECEIVED = 'EVENT_RECEIVED';

type HandshakeQuery = Record<string, unknown>;

/** Where Meta delivers. Public: a delivery carries its own proof, the signature. */
@ApiTags('Webhooks')
@ApiProduces('text/plain')
@Controller('webhooks/instagram')
export class WebhookController {
  constructor(
    private readonly handshake: WebhookHandshakeService,
    @Inject(MESSAGE_RECEIVER) private readonly receiver: MessageReceiver,
    private readonly clock: Clock,
    private readonly telemetry: Telemetry,
  ) {}

  @Get()
  @Public()
  @Header('Content-Type', TEXT)
  @ApiOperation({ summary: 'Verification by Meta, with the verify token of any account' })
  @ApiQuery({ name: 'hub.mode', example: 'subscribe' })
  @ApiQuery({ name: 'hub.verify_token' })
  @ApiQuery({ name: 'hub.challenge', example: '1158201444' })
  @ApiResponse({ status: 200, description: 'The challenge, as it came' })
  @ApiErrorAnswers(400, 403)
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
  @ApiResponse({ status: 200, description: 'The challenge, as it came' })
  @ApiErrorAnswers(400, 403, 404)
  async verify(@Param('accountId') accountId: string, @Query() query: HandshakeQuery): Promise<string> {
    return await this.handshake.answer(accountId, query);
  }

  @Post()
  @Public()
  @UseGuards(WebhookSignatureGuard)
  @HttpCode(200)
  @Header('Content-Type', TEXT)
  @ApiOperation({ summary: 'Deliveries to the accounts of a Meta app' })
  @ApiHeader({ name: 'X-Hub-Signature-256', required: true, description: "sha256=<HMAC of the raw body with a named account's app secret>" })
  @ApiResponse({ status: 200, description: 'EVENT_RECEIVED: everything in it is stored' })
  @ApiErrorAnswers(400, 401, 413, 415, 503)
  async receiveShared(@Req() request: WebhookRequest): Promise<string> {
    return await this.receive(request);
  }

  @Post(':accountId')
  @Public()
  @UseGuards(WebhookSignatureGuard)
  @HttpCode(200)
  @Header('Content-Type', TEXT)
  @ApiOperation({ summary: 'Deliveries signed with the app secret of this account' })
  @ApiHeader({ name: 'X-Hub-Signature-256', required: true, description: "sha256=<HMAC of the raw body with the account's app secret>" })
  @ApiResponse({ status: 200, description: 'EVENT_RECEIVED: everything in it is stored' })
  @ApiErrorAnswers(400, 401, 404, 413, 415, 503)
  async receiveForAccount(@Req() request: WebhookRequest, @Param('accountId') _accountId: string): Promise<string> {
    return await this.receive(request);
  }

  private async receive({ delivery }: WebhookRequest): Promise<string> {
    if (!delivery) throw new Error('A delivery got past the signature guard.');
    const { rawBody, proof, startedAt } = delivery;
    let result: DeliveryResult = 'unavailable';
    try {
      await inTime(this.receiver.receiveWebhook({ rawBody, proof, receivedAt: this.clock.now() }), startedAt);
      result = 'accepted';
      return RECEIVED;
    } catch (error) {
      if (error instanceof AppError && error.kind === 'invalid') result = 'not_json';
      else this.telemetry.deliveryRefused(refusalOf(error));
      throw error;
    } finally {
      this.telemetry.deliveryReceived(result, (performance.now() - startedAt) / 1000);
    }
  }
}
