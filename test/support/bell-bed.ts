import type { INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { createNestLogger } from '../../src/common/logging/index.js';
import { AppConfigModule, parseEnvironment } from '../../src/config/index.js';
import { Doorbell, QueueModule, type LaneHandler, type Topic } from '../../src/queue/index.js';
import { eventually } from './running-service.js';

export interface Run {
  readonly instance: string;
  readonly lane: number;
  readonly elsewhere: boolean;
}

/** Doorbells through the module as the service has it: several instances in one process. */
export class BellBed {
  private readonly opened: INestApplicationContext[] = [];

  constructor(private readonly redis: string) {}

  /**
   * @param installation instances of one hear each other
   * @param made what is to be done with it before it has reached anybody
   */
  async instance(
    installation: string,
    { url = this.redis, reach = 'redis', made = () => undefined }: { url?: string; reach?: string; made?: (app: INestApplicationContext) => void } = {},
  ): Promise<Doorbell> {
    const settings = parseEnvironment({ REDIS_URL: url, DATA_DIR: `/nowhere/${installation}` });
    const module = await Test.createTestingModule({ imports: [AppConfigModule.forRoot(settings), QueueModule.forRoot(settings)] })
      .setLogger(createNestLogger('silent'))
      .compile();
    await module.init();
    this.opened.push(module);
    made(module);
    const bell = module.get(Doorbell, { strict: false });
    await eventually(`a bell that reaches ${reach}`, async () => bell.reach, (now) => now === reach);
    return bell;
  }

  async closeLast(): Promise<void> {
    await this.opened.pop()?.close();
  }

  async close(): Promise<void> {
    await Promise.all(this.opened.splice(0).map((app) => app.close()));
  }
}

export function answering(bell: Doorbell, handler: LaneHandler, topic: Topic = 'inbox'): Doorbell {
  bell.answer(topic, handler);
  bell.start();
  return bell;
}

/** Notes each run; those of `held` lanes end when the test says so. */
export function desk(runs: Run[], name: string, held = new Map<number, Promise<void>>()): LaneHandler {
  return async (lane, elsewhere) => {
    runs.push({ instance: name, lane, elsewhere });
    await held.get(lane);
  };
}

export const count = (what: string, runs: readonly unknown[], wanted: number): Promise<number> =>
  eventually(what, async () => runs.length, (length) => length >= wanted, 10);
