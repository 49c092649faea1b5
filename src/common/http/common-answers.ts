import type { OpenAPIObject } from '@nestjs/swagger';
import { errorAnswerOf } from './api-errors.decorator.js';

/** After many wrong keys from one address; while the database is away. */
const OF_KEYS = [429, 503];
/** Of the parser, before anything looks at the fields. */
const OF_BODIES = [413, 415];
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Adds the errors that any route may answer for which a key is needed: said here, not at each of them. */
export function withCommonAnswers(document: OpenAPIObject): OpenAPIObject {
  for (const path of Object.values(document.paths)) {
    for (const operation of METHODS.flatMap((method) => path[method] ?? [])) {
      if (!operation.security?.length) continue;
      const statuses = [...OF_KEYS, ...(operation.requestBody ? OF_BODIES : [])];
      for (const status of statuses) operation.responses[String(status)] ??= errorAnswerOf(status);
    }
  }
  return document;
}
