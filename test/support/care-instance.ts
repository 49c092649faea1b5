import { AccountCareRepository, AccountDirectory, AccountRepository, AccountsService, StoreRefreshedTokenUseCase } from '../../src/accounts/index.js';
import { AccountCredentials } from '../../src/accounts/account-credentials.js';
import { AuditTrail } from '../../src/audit/index.js';
import { AuditRepository } from '../../src/audit/audit.repository.js';
import { Clock } from '../../src/common/clock.js';
import { NoTelemetry } from '../../src/common/telemetry.js';
import { WorkerPulse } from '../../src/common/worker-pulse.js';
import { CredentialCipher, KeyRing } from '../../src/crypto/index.js';
import type { Dialect, TransactionRunner } from '../../src/database/index.js';
import { AccountCareWorker } from '../../src/messaging/care/account-care.worker.js';
import { LookAfterSubscriptionUseCase } from '../../src/messaging/care/look-after-subscription.usecase.js';
import { LookAfterTokenUseCase } from '../../src/messaging/care/look-after-token.usecase.js';
import { TokenNewsWriter } from '../../src/messaging/care/token-news.writer.js';
import type { GraphClient } from '../../src/messaging/graph/graph-client.js';
import { InstagramAccountVerifier } from '../../src/messaging/graph/instagram-account.verifier.js';
import { TokenRefresher } from '../../src/messaging/graph/token-refresher.js';
import { WebhookSubscriptions } from '../../src/messaging/graph/webhook-subscriptions.js';

export class MovedClock extends Clock {
  at = new Date();
  override now(): Date {
    return this.at;
  }
  pass(ms: number): void {
    this.at = new Date(this.at.getTime() + ms);
  }
}

interface Surroundings {
  readonly transactions: TransactionRunner;
  readonly dialect: Dialect;
  readonly clock: Clock;
  readonly graph: GraphClient;
}

/** What of one instance looks after accounts, with a memory of its own. */
export function careInstance({ transactions, dialect, clock, graph }: Surroundings) {
  const accounts = new AccountRepository(dialect);
  const care = new AccountCareRepository(dialect);
  const audit = new AuditTrail(new AuditRepository(dialect), clock);
  const credentials = new AccountCredentials(new CredentialCipher(KeyRing.fromSecrets('a passphrase of this spec', [])));
  const directory = new AccountDirectory(transactions, accounts, credentials, clock);
  const news = new TokenNewsWriter(transactions, accounts, directory);
  const refreshed = new StoreRefreshedTokenUseCase(transactions, accounts, credentials, audit, directory, clock);
  const token = new LookAfterTokenUseCase(
    directory, new InstagramAccountVerifier(graph), new TokenRefresher(graph, clock), refreshed, news, clock,
  );
  const subscription = new LookAfterSubscriptionUseCase(
    directory, new WebhookSubscriptions(graph), transactions, audit, news, clock,
  );
  return {
    directory,
    service: new AccountsService(transactions, accounts, care, credentials, audit, directory, dialect, clock),
    worker: new AccountCareWorker(transactions, care, token, subscription, new NoTelemetry(), new WorkerPulse(), clock),
  };
}
