import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { Clock } from '../../common/clock.js';
import { messageOf } from '../../common/errors.js';
import { TransactionRunner } from '../../database/index.js';
import { InstanceId } from './instance-id.js';
import { InstanceRepository } from './instance.repository.js';
import { InstanceSigns } from './instance-signs.js';

export const BEAT_EVERY_MS = 1_000;

/**
 * The processes that work on this database: each counts on once a second, and watches the others count. The database's
 * word, since Redis may be away; the watcher's own monotonic clock, since clocks differ.
 */
@Injectable()
export class Instances {
  private readonly logger = new Logger('Instances');
  private readonly end = new AbortController();
  private readonly signs: InstanceSigns;
  private beats = 0;
  private loop: Promise<void> | null = null;

  constructor(
    private readonly transactions: TransactionRunner,
    private readonly repository: InstanceRepository,
    private readonly me: InstanceId,
    private readonly clock: Clock,
  ) {
    this.signs = new InstanceSigns(me.value);
  }

  /** To be called before anything is claimed. */
  async start(): Promise<void> {
    await this.round();
    this.loop = this.goOn();
  }

  /** To be called when nothing is in hand any more. */
  async stop(): Promise<void> {
    this.end.abort();
    await this.loop;
    if (this.loop) await this.forget(this.me.value);
  }

  /** Those that have stopped counting: what they had in hand is anybody's. */
  get silent(): readonly string[] {
    return this.signs.silent(performance.now());
  }

  /** The others that count on. */
  get alive(): readonly string[] {
    return this.signs.alive(performance.now());
  }

  /** Whether this one does what one of them is enough for: the eldest. Nothing goes wrong where two believe it. */
  get isEldest(): boolean {
    return this.alive.every((id) => id > this.me.value);
  }

  /** Nothing of what it had is left. Should it live after all, it is back with its next beat. */
  async forget(id: string): Promise<void> {
    await this.transactions.run((tx) => this.repository.remove(tx, id)).catch((error: unknown) => {
      this.logger.warn(`An instance that ended could not be taken off the list: ${messageOf(error)}`);
    });
    this.signs.forget(id);
  }

  private async round(): Promise<void> {
    const sign = { id: this.me.value, beats: ++this.beats };
    await this.transactions.run((tx) => this.repository.beat(tx, sign, this.clock.now()));
    const seen = await this.transactions.read((tx) => this.repository.list(tx));
    for (const id of this.signs.note(seen, performance.now())) this.logger.warn(`Instance ${id} has not been heard of and is taken for dead: its work is taken over`);
  }

  private async goOn(): Promise<void> {
    const { signal } = this.end;
    for (;;) {
      try {
        await delay(BEAT_EVERY_MS, undefined, { signal, ref: false });
      } catch {
        return;
      }
      try {
        await this.round();
      } catch (error) {
        this.logger.warn(`The sign of life could not be written: ${messageOf(error)}`);
      }
    }
  }
}
