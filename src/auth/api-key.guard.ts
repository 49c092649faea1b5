import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingMessage } from 'node:http';
import { ACCESS_METADATA, type AccessRule } from '../common/access.decorators.js';
import { requestIdOf } from '../common/http/index.js';
import { maySee, ROLES, type Principal, type RequestContext, type Role } from '../common/request-context.js';
import { SCOPED_METADATA } from '../common/scoped-by-caller.decorator.js';
import { hashOfApiKey } from './api-key.secret.js';
import {
  AccountHiddenError, LimitedKeyError, RoleTooLowError, TooManyAttemptsError, UnauthenticatedError, UndeclaredAccessError,
} from './auth.errors.js';
import { FailedAttempts } from './failed-attempts.js';
import { ENVIRONMENT_ADMIN, Principals } from './principals.js';

type GuardedRequest = IncomingMessage & {
  /** Express's: behind a trusted proxy the caller's address, not the proxy's. */
  readonly ip?: string;
  readonly params?: Readonly<Record<string, string | string[] | undefined>>;
  context?: RequestContext;
};

/** The one guard, over every route: what a route does not declare is refused. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly principals: Principals,
    private readonly failedAttempts: FailedAttempts,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    const rule = this.reflector.getAllAndOverride<AccessRule | undefined>(ACCESS_METADATA, targets);
    if (rule?.public) return true;
    const request = context.switchToHttp().getRequest<GuardedRequest>();
    const principal = await this.authenticate(request, rule?.withoutDatabase === true);
    if (!rule) throw new UndeclaredAccessError();
    if (!reaches(principal.role, rule.role)) throw new RoleTooLowError(principal.role, rule.role);
    const scopesItself = this.reflector.get<boolean | undefined>(SCOPED_METADATA, context.getHandler()) === true;
    checkAccounts(principal, rule.role, request.params?.['accountId'], scopesItself);
    request.context = { principal, requestId: requestIdOf(request) };
    return true;
  }

  private async authenticate(request: GuardedRequest, withoutDatabase: boolean): Promise<Principal> {
    const key = bearerOf(request.headers.authorization);
    if (key === null) throw new UnauthenticatedError();
    const principal = this.principals.isEnvironmentAdmin(key)
      ? ENVIRONMENT_ADMIN
      : await (withoutDatabase ? this.principals.recallByHash(hashOfApiKey(key)) : this.principals.findByHash(hashOfApiKey(key)));
    // A valid key always passes: one bad client behind a proxy must not shut out the others.
    if (principal) return principal;
    const seconds = await this.failedAttempts.count(request.ip ?? request.socket.remoteAddress ?? '');
    throw seconds === null ? new UnauthenticatedError() : new TooManyAttemptsError(seconds);
  }
}

function checkAccounts(
  principal: Principal,
  needed: Role,
  accountId: string | string[] | undefined,
  scopesItself: boolean,
): void {
  if (principal.accountIds === null) return;
  if (typeof accountId === 'string') {
    if (!maySee(principal, accountId)) throw new AccountHiddenError(accountId);
    return;
  }
  // What administers the whole service (keys, deliveries of no account) is beyond a key that is limited to accounts.
  if (needed === 'admin' && !scopesItself) throw new LimitedKeyError();
}

function reaches(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** A key longer than any of ours is not worth hashing. */
function bearerOf(header: string | undefined): string | null {
  return /^Bearer +(\S{1,500}) *$/i.exec(header ?? '')?.[1] ?? null;
}
