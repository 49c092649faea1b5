import { isISO8601, ValidateBy, type ValidationArguments } from 'class-validator';

/** With its zone: a time without one would mean whatever zone the server runs in. */
const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;
const EARLIEST = Date.UTC(1970, 0, 1);
/** MySQL takes no later year. */
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

export function isTime(value: unknown): boolean {
  if (typeof value !== 'string' || !TIME.test(value) || !isISO8601(value, { strict: true })) return false;
  const at = Date.parse(value);
  return at >= EARLIEST && at <= LATEST;
}

/** A moment in ISO 8601 that every database can store. */
export const IsTime = (): PropertyDecorator =>
  ValidateBy({
    name: 'isTime',
    validator: {
      validate: isTime,
      defaultMessage: (field?: ValidationArguments) =>
        `${field?.property ?? ''} must be an ISO 8601 time with its zone, from 1970 to 9999, such as 2027-01-31T12:00:00Z`,
    },
  });
