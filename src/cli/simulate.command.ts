import { InvalidArgumentError, type Command } from 'commander';
import type { AppSettings } from '../config/index.js';
import { withApp } from './app-context.js';
import { CommandError } from './command-error.js';
import { findAccount } from './find-account.js';
import { print } from './output.js';
import { Simulation, type SimulatedAccount } from './simulation.js';

interface SimulateOptions {
  readonly account: string;
  readonly url?: string;
  readonly messages: number;
  readonly people: number;
  readonly text?: readonly string[];
  readonly wait: number;
}

const HELP = `
Start the service with GRAPH_API_BASE_URL=http://127.0.0.1:4010 (or another free port of this machine), then run this
with the same environment: the replies then come here instead of to Meta.

Example: GRAPH_API_BASE_URL=http://127.0.0.1:4010 npm run cli -- simulate --account my.shop --messages 20`;

export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description(
      'Plays Meta against a running service: handshake, signed deliveries, redeliveries, a forgery; shows the replies.',
    )
    .requiredOption('--account <id or username>', 'the account that is written to')
    .option('--url <address>', 'where the service listens; default: this machine, PORT')
    .option('--messages <count>', 'how many messages are delivered', count(100_000), 10)
    .option('--people <count>', 'by how many invented people', count(10_000), 3)
    .option('--text <text...>', 'write these texts instead of a mixture of kinds')
    .option('--wait <seconds>', 'how long without a new reply until it is over', count(600), 5)
    .addHelpText('after', HELP)
    .action(simulate);
}

async function simulate(options: SimulateOptions): Promise<void> {
  const { account, settings } = await withApp(async ({ app, settings }) => ({
    account: await accountOf(app, options.account),
    settings,
  }));
  const url = (options.url ?? `http://127.0.0.1:${String(settings.port)}`).replace(/\/+$/, '');
  if (!/^https?:\/\/./.test(url)) throw new CommandError('--url must begin with http:// or https://');
  const simulation = await Simulation.start(account, url, graphPort(settings));
  try {
    await simulation.shakeHands();
    const result = await simulation.play(options);
    print(
      `${String(result.acknowledged)} of ${String(result.delivered)} deliveries acknowledged in ${String(result.milliseconds)} ms, ` +
        `${String(result.redelivered)} delivered again, ${String(result.replies)} replies, a forged signature answered ${String(result.forgedStatus)}.`,
    );
    if (result.acknowledged < result.delivered) throw new CommandError('Not every delivery was acknowledged with 200.');
    if (result.forgedStatus !== 401) throw new CommandError('The forged signature was not refused with 401.');
  } finally {
    await simulation.stop();
  }
}

async function accountOf(app: Parameters<typeof findAccount>[0], given: string): Promise<SimulatedAccount> {
  const { AccountDirectory } = await import('../accounts/index.js');
  const { id, username, status } = await findAccount(app, given);
  const directory = app.get(AccountDirectory, { strict: false });
  const [accessToken, appSecret, verifyToken] = await Promise.all([
    directory.accessToken(id),
    directory.appSecret(id),
    directory.verifyToken(id),
  ]);
  if (accessToken === null || appSecret === null || verifyToken === null)
    throw new CommandError(`There is no account ${given}.`);
  return { id, username, isActive: status === 'active', accessToken, appSecret, verifyToken };
}

/** Invented people must not be answered through the real Meta, with the account's real token. */
function graphPort(settings: AppSettings): number {
  const graph = new URL(settings.graphBaseUrl);
  const isHere = ['127.0.0.1', 'localhost', '[::1]'].includes(graph.hostname) && graph.port !== '';
  if (!isHere) {
    throw new CommandError(
      `GRAPH_API_BASE_URL is ${settings.graphBaseUrl}: replies to invented people would go there; start the service and this with GRAPH_API_BASE_URL=http://127.0.0.1:4010 (see simulate --help).`,
    );
  }
  return Number(graph.port);
}

function count(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1 || value > most) {
      throw new InvalidArgumentError(`It must be a whole number from 1 to ${String(most)}.`);
    }
    return value;
  };
}
