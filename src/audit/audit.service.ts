import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors.js';
import { decodeCursor, toPage } from '../common/pagination.js';
import { maySee, type RequestContext } from '../common/request-context.js';
import { TransactionRunner } from '../database/index.js';
import { AuditRepository } from './audit.repository.js';
import { AuditEntryDto, type AuditPageDto } from './audit.response.dto.js';

export interface AuditQuestion {
  readonly accountId?: string;
  readonly action?: string;
  readonly limit: number;
  readonly cursor?: string;
}

@Injectable()
export class AuditService {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly entries: AuditRepository,
  ) {}

  /** A key limited to accounts sees their entries and no others. */
  async list(ctx: RequestContext, question: AuditQuestion): Promise<AuditPageDto> {
    const { accountId, limit } = question;
    if (accountId !== undefined && !maySee(ctx.principal, accountId)) {
      throw new AppError('not_found', 'account_not_found', `accountId: there is no account ${accountId}`);
    }
    const before = decodeCursor(question.cursor, ['number'])?.[0] ?? null;
    const rows = await this.transactions.read((tx) =>
      this.entries.list(tx, {
        accountIds: accountId === undefined ? ctx.principal.accountIds : [accountId],
        action: question.action ?? null,
        before,
        limit: limit + 1,
      }),
    );
    return toPage(rows, limit, (row) => AuditEntryDto.from(row), (row) => [row.id]);
  }
}
