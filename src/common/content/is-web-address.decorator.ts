import { applyDecorators } from '@nestjs/common';
import { IsUrl, Matches } from 'class-validator';

/** What Instagram can fetch or open. A bucket's name may hold underscores; without the second check `https:host` would pass. */
export const IsWebAddress = (): PropertyDecorator =>
  applyDecorators(
    IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false, allow_underscores: true }),
    Matches(/^https?:\/\//i, { message: '$property must begin with https:// or http://' }),
  );
