import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Ctx, MinimumRole } from '../../common/access.decorators.js';
import { ApiErrorAnswers } from '../../common/http/index.js';
import type { RequestContext } from '../../common/request-context.js';
import { VerificationResponse } from './verification.response.dto.js';
import { VerifyAccountUseCase } from './verify-account.usecase.js';

@ApiTags('Accounts')
@ApiBearerAuth()
@Controller('api/v1/accounts/:accountId/verify')
export class VerifyAccountController {
  constructor(private readonly verifying: VerifyAccountUseCase) {}

  @Post()
  @HttpCode(200)
  @MinimumRole('operator')
  @ApiOperation({ summary: 'Ask Instagram whether it accepts the stored access token, and whose it is' })
  @ApiErrorAnswers(401, 403, 404)
  async verify(@Ctx() ctx: RequestContext, @Param('accountId') accountId: string): Promise<VerificationResponse> {
    return await this.verifying.execute(ctx, accountId);
  }
}
