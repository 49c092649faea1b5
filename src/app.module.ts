import { Global, Module, type DynamicModule } from '@nestjs/common';
import { AccountsModule } from './accounts/index.js';
import { AuditModule } from './audit/index.js';
import { AuthModule } from './auth/index.js';
import { Clock, SystemClock } from './common/clock.js';
import { AppConfigModule, type AppSettings } from './config/index.js';
import { ConversationsModule } from './conversations/index.js';
import { CryptoModule } from './crypto/index.js';
import { DatabaseModule } from './database/index.js';
import { HealthModule } from './health/index.js';
import { MessagingModule } from './messaging/index.js';
import { MetricsModule } from './metrics/index.js';
import { QueueModule } from './queue/index.js';
import { RulesModule } from './rules/index.js';
import { SCHEMA } from './schema.js';

@Global()
@Module({ providers: [{ provide: Clock, useClass: SystemClock }], exports: [Clock] })
class ClockModule {}

export interface AppOptions {
  /** False: nothing is processed and nothing sent by this process (`ROLE=web`, the command line). */
  readonly workers?: boolean;
}

@Module({})
export class AppModule {
  static forRoot(settings: AppSettings, options: AppOptions = {}): DynamicModule {
    const workers = options.workers ?? settings.role !== 'web';
    return {
      module: AppModule,
      imports: [
        ClockModule,
        AppConfigModule.forRoot(settings),
        DatabaseModule.forRoot(SCHEMA),
        CryptoModule,
        MetricsModule,
        QueueModule.forRoot(settings),
        AuditModule,
        AuthModule,
        AccountsModule,
        ConversationsModule,
        RulesModule,
        MessagingModule.forRoot({ workers }),
        HealthModule,
      ],
    };
  }
}
