export { AppConfigModule } from './config.module.js';
export { AppSettings, InvalidEnvironmentError, parseEnvironment, type LimitSettings } from './environment.js';
export { loadSettings } from './load-settings.js';
export type { MysqlSettings } from './mysql-settings.js';
export { loadMvpEnvironment, MvpEnvironmentError, type MvpEnvironment } from './mvp-environment.js';
