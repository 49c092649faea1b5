import { Module } from '@nestjs/common';
import { Backlog } from './backlog.js';
import { QueueDepthRepository } from './queue-depth.repository.js';

/** Apart from `MessagingModule`, so that health and metrics see the queues without the machinery that empties them. */
@Module({ providers: [Backlog, QueueDepthRepository], exports: [Backlog] })
export class BacklogModule {}
