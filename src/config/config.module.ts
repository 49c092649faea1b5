import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { AppSettings } from './environment.js';

/** Gives `AppSettings` to every module. The settings are parsed before Nest starts, so that a mistake is one clear line. */
@Module({})
export class AppConfigModule {
  static forRoot(settings: AppSettings): DynamicModule {
    return {
      module: AppConfigModule,
      global: true,
      imports: [ConfigModule.forRoot({ ignoreEnvFile: true, ignoreEnvVars: true, load: [() => ({ app: settings })] })],
      providers: [{ provide: AppSettings, useValue: settings }],
      exports: [AppSettings],
    };
  }
}
