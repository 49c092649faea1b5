import { exportProxies, readEnvironment } from './environment-source.js';
import { parseEnvironment, type AppSettings } from './environment.js';

export function loadSettings(): AppSettings {
  const variables = readEnvironment();
  exportProxies(variables);
  return parseEnvironment(variables);
}
