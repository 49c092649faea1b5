import { Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Doorbell } from '../queue/index.js';
import { AccountCareWorker } from './care/account-care.worker.js';
import { ProfileWorker } from './graph/profile.worker.js';
import { OutboxWorker } from './outbox/outbox.worker.js';
import { Pace } from './pace/pace.port.js';

/** Starts everything that calls Graph before the doorbell is answered, and ends it when no bell is answered any more. */
@Injectable()
export class SendingLifecycle implements OnModuleInit, BeforeApplicationShutdown {
  constructor(
    private readonly doorbell: Doorbell,
    private readonly outbox: OutboxWorker,
    private readonly profiles: ProfileWorker,
    private readonly pace: Pace,
    private readonly care: AccountCareWorker,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.pace.open();
    await this.outbox.start();
    this.profiles.start();
    this.care.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.doorbell.stop(), this.profiles.stop(), this.care.stop()]);
    await this.outbox.stop();
    this.pace.close();
  }
}
