import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Ctx, MinimumRole } from '../common/access.decorators.js';
import { ApiErrorAnswers } from '../common/http/index.js';
import { PageQuery } from '../common/pagination.js';
import type { RequestContext } from '../common/request-context.js';
import { ApiKeyPageResponse, IssuedApiKeyResponse } from './api-key.response.dto.js';
import { ApiKeysService } from './api-keys.service.js';
import { CreateApiKeyRequest } from './create-api-key.request.dto.js';

/** For administrators whose key is not limited to accounts. */
@ApiTags('API keys')
@ApiBearerAuth()
@MinimumRole('admin')
@Controller('api/v1/api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeysService) {}

  @Post()
  @ApiOperation({ summary: 'Make an API key', description: 'The key is in this answer and in none after it.' })
  @ApiErrorAnswers(400, 401, 403)
  async create(@Ctx() ctx: RequestContext, @Body() body: CreateApiKeyRequest): Promise<IssuedApiKeyResponse> {
    return IssuedApiKeyResponse.from(await this.keys.create(ctx, CreateApiKeyRequest.toNewKey(body)));
  }

  @Get()
  @ApiOperation({ summary: 'List the API keys, newest first' })
  @ApiErrorAnswers(400, 401, 403)
  async list(@Query() page: PageQuery): Promise<ApiKeyPageResponse> {
    return ApiKeyPageResponse.from(await this.keys.list(page.limit, page.cursor));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete an API key', description: 'It stops working at once, on other instances within a second.' })
  @ApiErrorAnswers(401, 403, 404)
  async delete(@Ctx() ctx: RequestContext, @Param('id') id: string): Promise<void> {
    await this.keys.delete(ctx, id);
  }
}
