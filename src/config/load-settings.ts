import { readEnvironment } from './environment-source.js';
import { parseEnvironment, type AppSettings } from './environment.js';

export function loadSettings(): AppSettings {
  return parseEnvironment(readEnvironment());
}
