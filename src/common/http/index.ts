export { ApiErrorAnswers } from './api-errors.decorator.js';
export { answerTo, type ErrorAnswer, type UnavailabilityTest } from './error-answer.js';
export { bodyBudget } from './body-budget.js';
export { BodyCheckInterceptor } from './body-check.interceptor.js';
export { deliveryGate } from './delivery-gate.js';
export { ErrorFilter, UNAVAILABILITY_TEST } from './error.filter.js';
export { ErrorResponse } from './error.response.dto.js';
export { PathParameterPipe } from './path-parameter.pipe.js';
export { requestId, requestIdOf, REQUEST_ID_HEADER } from './request-id.js';
