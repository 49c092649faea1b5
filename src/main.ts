import { InvalidEnvironmentError, loadSettings, type AppSettings } from './config/index.js';
import { EarlySignals } from './signals.js';

// As process 1 of a container it would otherwise hear nothing until it has started, which a migration may put off for minutes.
const early = EarlySignals.heed();

/** A mistake of the person who starts it is one clear message, not a stack. */
function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

let settings: AppSettings;
try {
  settings = loadSettings();
} catch (error) {
  if (error instanceof InvalidEnvironmentError) fail(error.message);
  throw error;
}
const { serve } = await import('./serve.js');
await serve(settings, early).catch((error: unknown) => {
  fail(`The service did not start: ${error instanceof Error ? error.message : String(error)}`);
});
