import { Injectable } from '@nestjs/common';
import { newId } from '../../common/new-id.js';

/** This process; another one after a restart. Ids made later sort later. */
@Injectable()
export class InstanceId {
  readonly value: string = newId();
}
