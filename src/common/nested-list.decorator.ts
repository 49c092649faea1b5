import { applyDecorators } from '@nestjs/common';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsObject, ValidateNested } from 'class-validator';

/** A field that is a list of 1 to `most` objects with checked fields of their own. */
export const NestedList = (type: () => new () => object, most: number): PropertyDecorator => {
  const message = `$property must have 1 to ${String(most)} entries`;
  return applyDecorators(
    IsArray({ message }),
    ArrayMinSize(1, { message }),
    ArrayMaxSize(most, { message }),
    // `@ValidateNested` alone also takes a list of lists, unchecked.
    IsObject({ each: true }),
    ValidateNested({ each: true }),
    Type(type),
  );
};
