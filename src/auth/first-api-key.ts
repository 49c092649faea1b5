import { Injectable, Optional, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { SYSTEM_CONTEXT } from '../common/request-context.js';
import { AppSettings } from '../config/index.js';
import { Dialect } from '../database/index.js';
import { ApiKeysService } from './api-keys.service.js';

/** One name for all instances: the primary key lets one of them make it. */
const FIRST_ID = 'first-administrator';

/** Without ADMIN_API_KEY, an empty database gets an administrator's key, which is printed this once. */
@Injectable()
export class FirstApiKey implements OnApplicationBootstrap {
  constructor(
    private readonly keys: ApiKeysService,
    private readonly settings: AppSettings,
    private readonly dialect: Dialect,
    @Optional() private readonly http?: HttpAdapterHost,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    // On the command line nobody expects a key in the output.
    if (this.settings.adminApiKey !== null || !this.http?.httpAdapter) return;
    const key = await this.create();
    if (key !== null) process.stdout.write(announcement(key));
  }

  private async create(): Promise<string | null> {
    try {
      const first = await this.keys.createFirst(SYSTEM_CONTEXT, FIRST_ID, { name: 'first administrator', role: 'admin', accountIds: null });
      return first?.key ?? null;
    } catch (error) {
      if (this.dialect.isDuplicateKey(error)) return null; // another instance was faster, and prints it
      throw error;
    }
  }
}

function announcement(key: string): string {
  return `\nThere was no API key yet. This one is for the administrator; it is shown this once:\n\n    ${key}\n\n`;
}
