import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { ErrorResponse } from './error.response.dto.js';
import { nameOfStatus } from './status.js';

/** Documents the error answers a route can give. */
export const ApiErrorAnswers = (...statuses: number[]): MethodDecorator & ClassDecorator =>
  applyDecorators(ApiExtraModels(ErrorResponse), ...statuses.map((status) => ApiResponse({ status, ...errorAnswerOf(status) })));

/** An error is JSON, also of a route whose success is text: by its type alone it would be told as that. */
export function errorAnswerOf(status: number) {
  return {
    description: DESCRIPTIONS[status] ?? nameOfStatus(status),
    content: { 'application/json': { schema: { $ref: getSchemaPath(ErrorResponse) } } },
  };
}

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  400: 'A field is missing, malformed or unknown; `message` names each',
  401: 'No valid API key',
  403: "Beyond the API key's role",
  404: "It does not exist, or lies outside the API key's accounts",
  409: 'It exists already, or what stands contradicts it',
  413: 'The body is too large',
  415: 'The body is compressed in a way, or in an encoding, that is not taken',
  422: 'Well-formed, but not possible now; `message` says why',
  429: 'Too many attempts; `Retry-After` says when to come back',
  503: 'The service cannot do it at the moment; `Retry-After` says when to come back',
};
