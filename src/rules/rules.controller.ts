import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Ctx, MinimumRole } from '../common/access.decorators.js';
import { ApiErrorAnswers } from '../common/http/index.js';
import { PageQuery } from '../common/pagination.js';
import type { RequestContext } from '../common/request-context.js';
import { CreateRuleRequest } from './create-rule.request.dto.js';
import { RULE_CHANGE_EXAMPLES, RULE_EXAMPLES, RULE_TEST_EXAMPLES } from './rule.examples.js';
import { RulePageResponse, RuleResponse } from './rule.response.dto.js';
import { RulesService } from './rules.service.js';
import { TestRulesRequest } from './test-rules.request.dto.js';
import { TestRulesResponse } from './test-rules.response.dto.js';
import { TestRulesUseCase } from './test-rules.usecase.js';
import { UpdateRuleRequest } from './update-rule.request.dto.js';

@ApiTags('Rules')
@ApiBearerAuth()
@ApiParam({ name: 'accountId', example: '17841400000000001' })
@Controller('api/v1/accounts/:accountId/rules')
export class RulesController {
  constructor(
    private readonly rules: RulesService,
    private readonly testRules: TestRulesUseCase,
  ) {}

  @Post()
  @MinimumRole('operator')
  @ApiOperation({ summary: 'Add a rule' })
  @ApiBody({ type: CreateRuleRequest, examples: RULE_EXAMPLES })
  @ApiErrorAnswers(400, 401, 403, 404)
  async create(
    @Ctx() ctx: RequestContext,
    @Param('accountId') accountId: string,
    @Body() body: CreateRuleRequest,
  ): Promise<RuleResponse> {
    return RuleResponse.from(await this.rules.create(ctx, accountId, CreateRuleRequest.toFields(body)));
  }

  @Get()
  @MinimumRole('viewer')
  @ApiOperation({ summary: 'List rules, newest first' })
  @ApiErrorAnswers(400, 401, 404)
  async list(@Param('accountId') accountId: string, @Query() page: PageQuery): Promise<RulePageResponse> {
    return RulePageResponse.from(await this.rules.list(accountId, page.limit, page.cursor));
  }

  @Post('test')
  @HttpCode(200)
  @MinimumRole('viewer')
  @ApiOperation({ summary: 'See which rule would answer, with what, and why; sends nothing' })
  @ApiBody({ type: TestRulesRequest, examples: RULE_TEST_EXAMPLES })
  @ApiErrorAnswers(400, 401, 404)
  async test(@Param('accountId') accountId: string, @Body() body: TestRulesRequest): Promise<TestRulesResponse> {
    return TestRulesResponse.from(await this.testRules.execute(accountId, body));
  }

  @Get(':ruleId')
  @MinimumRole('viewer')
  @ApiOperation({ summary: 'Show a rule' })
  @ApiErrorAnswers(401, 404)
  async get(@Param('accountId') accountId: string, @Param('ruleId') ruleId: number): Promise<RuleResponse> {
    return RuleResponse.from(await this.rules.get(accountId, ruleId));
  }

  @Patch(':ruleId')
  @MinimumRole('operator')
  @ApiOperation({ summary: 'Change a rule', description: 'What is left out stays as it is.' })
  @ApiBody({ type: UpdateRuleRequest, examples: RULE_CHANGE_EXAMPLES })
  @ApiErrorAnswers(400, 401, 403, 404)
  async update(
    @Ctx() ctx: RequestContext,
    @Param('accountId') accountId: string,
    @Param('ruleId') ruleId: number,
    @Body() body: UpdateRuleRequest,
  ): Promise<RuleResponse> {
    return RuleResponse.from(await this.rules.update(ctx, accountId, ruleId, UpdateRuleRequest.toFields(body)));
  }

  @Delete(':ruleId')
  @HttpCode(204)
  @MinimumRole('operator')
  @ApiOperation({ summary: 'Delete a rule' })
  @ApiErrorAnswers(401, 403, 404)
  async delete(
    @Ctx() ctx: RequestContext,
    @Param('accountId') accountId: string,
    @Param('ruleId') ruleId: number,
  ): Promise<void> {
    await this.rules.delete(ctx, accountId, ruleId);
  }
}
