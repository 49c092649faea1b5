import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { AppError } from '../errors.js';
import { FREE_FORM } from './free-form.js';

/**
 * Refuses fields named like something that every object of JavaScript has (`constructor`, `toString`, `__proto__`): those
 * after it take them for known, or drop them without a word, and no field is unknown without an error.
 */
@Injectable()
export class InheritedNamePipe implements PipeTransform<unknown, unknown> {
  transform(value: unknown, { type }: ArgumentMetadata): unknown {
    if (type !== 'body' && type !== 'query') return value;
    // One is enough to refuse it, and a body may hold any number.
    const { value: field } = inheritedNames(value).next();
    if (field !== undefined) throw new AppError('invalid', 'validation_failed', '', [`property ${field} should not exist`]);
    return value;
  }
}

/** No body that is wanted goes deeper, nor is anything deeper looked at but where any JSON may stand. */
const DEEPEST = 8;

function* inheritedNames(value: unknown, path = '', depth = 0): Generator<string, undefined> {
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return;
  for (const [name, inner] of Object.entries(value)) {
    const field = path === '' ? name : `${path}.${name}`;
    if (name in Object.prototype || name === 'prototype') yield field;
    else if (!FREE_FORM.has(field)) yield* inheritedNames(inner, field, depth + 1);
  }
}
