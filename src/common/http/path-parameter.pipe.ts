import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { AppError } from '../errors.js';

/**
 * What cannot be an id names nothing: 404. It must not reach a query: MySQL fails on comparing anything but ASCII with
 * an ASCII column, and takes `5` and `5 ` for the same.
 */
@Injectable()
export class PathParameterPipe implements PipeTransform<unknown, unknown> {
  transform(value: unknown, { type, data, metatype }: ArgumentMetadata): unknown {
    if (type !== 'param' || typeof value !== 'string') return value;
    if (data === 'accountId' && !ACCOUNT_ID.test(value)) {
      throw new AppError('not_found', 'account_not_found', `There is no account ${value.slice(0, SHOWN)}.`);
    }
    // Made a number of by the pipe that follows, which reads 0x2, 2.0 and 02 as 2.
    const isId = metatype === Number ? NUMBER : ID;
    if (!isId.test(value)) throw new AppError('not_found', 'not_found', 'There is nothing with this id.');
    return value;
  }
}

const ACCOUNT_ID = /^\d{1,50}$/;
const ID = /^[\x21-\x7e]{1,200}$/;
const NUMBER = /^(?:0|[1-9]\d{0,14})$/;
const SHOWN = 50;
