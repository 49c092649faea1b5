import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Ctx, MinimumRole } from '../../common/access.decorators.js';
import { ApiErrorAnswers } from '../../common/http/index.js';
import type { RequestContext } from '../../common/request-context.js';
import { MessageResponse } from '../../conversations/index.js';
import { SEND_EXAMPLES } from './dto/send-message.examples.js';
import { SendMessageRequest } from './dto/send-message.request.dto.js';
import { SendMessageUseCase } from './send-message.usecase.js';

@ApiTags('Messages')
@ApiBearerAuth()
@Controller('api/v1/accounts/:accountId/messages')
export class SendMessageController {
  constructor(private readonly sending: SendMessageUseCase) {}

  @Post()
  @HttpCode(202)
  @MinimumRole('operator')
  @ApiOperation({
    summary: 'Send a message to a customer who has written',
    description: 'Answers at once with the queued message; read it again to see what became of it. The same Idempotency-Key and body again give the same message and send nothing.',
  })
  @ApiBody({ type: SendMessageRequest, examples: SEND_EXAMPLES })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Your own id of this send, 1 to 255 characters' })
  @ApiErrorAnswers(400, 401, 403, 404, 409, 422)
  async send(
    @Ctx() ctx: RequestContext,
    @Param('accountId') accountId: string,
    @Body() body: SendMessageRequest,
    @Headers('Idempotency-Key') idempotencyKey?: string,
  ): Promise<MessageResponse> {
    return MessageResponse.from(await this.sending.execute(ctx, accountId, body, idempotencyKey ?? null));
  }
}
