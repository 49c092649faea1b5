import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import type { RequestContext, Role } from './request-context.js';

export const ACCESS_METADATA = 'access';

/**
 * What a route demands. The global guard refuses every route that declares nothing.
 * `account`: the caller's key must reach the `:accountId` of the path; otherwise 404, as if it did not exist.
 */
export type AccessRule = { readonly public: true } | ({ readonly public: false; readonly role: Role } & AccessOptions);

export interface AccessOptions {
  /** Also while the database is away, to whoever has shown a good key to this instance in the last minutes. */
  readonly withoutDatabase?: boolean;
}

/** Anyone may call this route (Meta's webhooks, which carry their own signature; health; docs). */
export const Public = (): MethodDecorator & ClassDecorator =>
  SetMetadata(ACCESS_METADATA, { public: true } satisfies AccessRule);

/** The least role that may call this route. */
export const MinimumRole = (role: Role, options: AccessOptions = {}): MethodDecorator & ClassDecorator =>
  SetMetadata(ACCESS_METADATA, { public: false, role, ...options } satisfies AccessRule);

/** The request context the guard has put on the request. */
export const Ctx = createParamDecorator((_: unknown, context: ExecutionContext): RequestContext => {
  const request = context.switchToHttp().getRequest<{ context?: RequestContext }>();
  if (!request.context) throw new Error('@Ctx() on a public route');
  return request.context;
});
