export { AppConfigModule } from './config.module.js';
export { AppSettings, InvalidEnvironmentError, parseEnvironment, type LimitSettings, type MysqlSettings } from './environment.js';
export { loadSettings } from './load-settings.js';
export { loadMvpEnvironment, MvpEnvironmentError, type MvpEnvironment } from './mvp-environment.js';
