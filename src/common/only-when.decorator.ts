import { ValidateBy } from 'class-validator';

/**
 * A field that has a meaning only where `applies` to its object; given all the same it is refused, rather than dropped in
 * silence. The parameter of `applies` is the class it stands in.
 */
export const OnlyWhen = (applies: (object: never) => boolean, message: string): PropertyDecorator =>
  ValidateBy({
    name: 'onlyWhen',
    validator: {
      validate: (_, args) => args !== undefined && applies(args.object as never),
      defaultMessage: () => message,
    },
  });
