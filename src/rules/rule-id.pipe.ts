import { Injectable, type PipeTransform } from '@nestjs/common';
import { RuleNotFoundError } from './rules.errors.js';

/** What is no number names no rule: 404, like any other rule that is not there. */
@Injectable()
export class RuleIdPipe implements PipeTransform<string, number> {
  transform(value: string): number {
    if (!/^\d{1,15}$/.test(value)) throw new RuleNotFoundError(value);
    return Number(value);
  }
}
