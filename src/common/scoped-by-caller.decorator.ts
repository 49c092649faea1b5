import { SetMetadata } from '@nestjs/common';

export const SCOPED_METADATA = 'scoped-by-caller';

/**
 * On an administrators' route without `:accountId`: the route itself keeps a key that is limited to accounts within
 * them. Without this, the guard refuses such keys there.
 */
export const ScopedByCaller = (): MethodDecorator => SetMetadata(SCOPED_METADATA, true);
