import { ValidateBy, type ValidationArguments } from 'class-validator';

/** Meta's limit for the text of one message: bytes of UTF-8, not characters. */
export const MESSAGE_BYTES = 1000;

/** A text that can be sent as one message. */
export const FitsOneMessage = (): PropertyDecorator =>
  ValidateBy({
    name: 'fitsOneMessage',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && value.trim() !== '' && Buffer.byteLength(value) <= MESSAGE_BYTES,
      defaultMessage: (field?: ValidationArguments) =>
        `${field?.property ?? ''} must be a text of 1 to ${String(MESSAGE_BYTES)} bytes in UTF-8, and not blank`,
    },
  });
