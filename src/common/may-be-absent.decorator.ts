import { ValidateIf } from 'class-validator';

/** The field may be left out, but not be null: `@IsOptional` would let null pass. */
export const MayBeAbsent = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);
