import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Ctx, MinimumRole } from '../common/access.decorators.js';
import { ApiErrorAnswers } from '../common/http/index.js';
import { PageQuery } from '../common/pagination.js';
import type { RequestContext } from '../common/request-context.js';
import { ScopedByCaller } from '../common/scoped-by-caller.decorator.js';
import { CREATE_ACCOUNT_EXAMPLES, UPDATE_ACCOUNT_EXAMPLES } from './account.examples.js';
import { AccountPageResponse, AccountResponse } from './account.response.dto.js';
import { AccountsService } from './accounts.service.js';
import { CreateAccountRequest } from './create-account.request.dto.js';
import { DeleteAccountUseCase } from './delete-account.usecase.js';
import { UpdateAccountRequest } from './update-account.request.dto.js';

@ApiTags('Accounts')
@ApiBearerAuth()
@Controller('api/v1/accounts')
export class AccountsController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly deleteAccount: DeleteAccountUseCase,
  ) {}

  @Post()
  @MinimumRole('admin')
  @ScopedByCaller()
  @ApiOperation({ summary: 'Add an account', description: 'Also while Meta cannot be reached; `verify` asks Meta afterwards.' })
  @ApiBody({ type: CreateAccountRequest, examples: CREATE_ACCOUNT_EXAMPLES })
  @ApiErrorAnswers(400, 401, 403, 409)
  async create(@Ctx() ctx: RequestContext, @Body() body: CreateAccountRequest): Promise<AccountResponse> {
    return AccountResponse.from(await this.accounts.create(ctx, CreateAccountRequest.toAccount(body)));
  }

  @Get()
  @MinimumRole('viewer')
  @ApiOperation({ summary: 'List the accounts this key reaches, newest first' })
  @ApiErrorAnswers(400, 401)
  async list(@Ctx() ctx: RequestContext, @Query() page: PageQuery): Promise<AccountPageResponse> {
    return AccountPageResponse.from(await this.accounts.list(ctx.principal, page.limit, page.cursor));
  }

  @Get(':accountId')
  @MinimumRole('viewer')
  @ApiOperation({ summary: 'Show an account' })
  @ApiErrorAnswers(401, 404)
  async get(@Param('accountId') accountId: string): Promise<AccountResponse> {
    return AccountResponse.from(await this.accounts.get(accountId));
  }

  @Patch(':accountId')
  @MinimumRole('admin')
  @ApiOperation({ summary: 'Change an account', description: 'What is left out stays as it is, also within `settings`.' })
  @ApiBody({ type: UpdateAccountRequest, examples: UPDATE_ACCOUNT_EXAMPLES })
  @ApiErrorAnswers(400, 401, 403, 404, 409)
  async update(
    @Ctx() ctx: RequestContext,
    @Param('accountId') accountId: string,
    @Body() body: UpdateAccountRequest,
  ): Promise<AccountResponse> {
    return AccountResponse.from(await this.accounts.update(ctx, accountId, UpdateAccountRequest.toChanges(body)));
  }

  @Delete(':accountId')
  @HttpCode(204)
  @MinimumRole('admin')
  @ApiOperation({
    summary: 'Delete an account and all its data',
    description: 'The account is gone at once, and Meta is asked to deliver its webhooks no longer (not with `manageSubscription: false`: PATCH it so first where the account lives on in another deployment); '
      + 'the rows of a large one are removed behind the answer.',
  })
  @ApiErrorAnswers(401, 403, 404)
  async delete(@Ctx() ctx: RequestContext, @Param('accountId') accountId: string): Promise<void> {
    await this.deleteAccount.execute(ctx, accountId);
  }
}
