import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/index.js';
import { CooldownRepository } from './cooldown.repository.js';
import { RuleRepository } from './rule.repository.js';
import { RuleSets } from './rule-sets.js';
import { RulesController } from './rules.controller.js';
import { RulesService } from './rules.service.js';
import { TestRulesUseCase } from './test-rules.usecase.js';

const repositories = [RuleRepository, CooldownRepository];
const services = [RulesService, RuleSets, TestRulesUseCase];

@Module({
  imports: [AuditModule],
  controllers: [RulesController],
  providers: [...repositories, ...services],
  exports: [RuleRepository, CooldownRepository, RuleSets, RulesService],
})
export class RulesModule {}
