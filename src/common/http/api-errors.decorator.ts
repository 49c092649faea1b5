import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { ErrorResponse } from './error.response.dto.js';
import { nameOfStatus } from './status.js';

/** Documents the error answers a route can give. */
export const ApiErrorAnswers = (...statuses: number[]): MethodDecorator & ClassDecorator =>
  applyDecorators(
    ...statuses.map((status) =>
      ApiResponse({ status, type: ErrorResponse, description: descriptionOf(status) }),
    ),
  );

export function descriptionOf(status: number): string {
  return DESCRIPTIONS[status] ?? nameOfStatus(status);
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
