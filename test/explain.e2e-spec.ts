import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { DataSource, type Logger } from 'typeorm';
import { AppModule } from '../src/app.module.js';
import { configureApp } from '../src/app.setup.js';
import { createNestLogger } from '../src/common/logging/index.js';
import { encodeCursor } from '../src/common/pagination.js';
import { CredentialCipher } from '../src/crypto/index.js';
import { eachDatabase } from './support/databases.js';
import { fillTables } from './support/filled-tables.js';

const ADMIN = 'test-administrator-key-0123456789';

interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

interface Step {
  readonly table: string | null;
  readonly type: string | null;
  readonly key: string | null;
  readonly rows: number | string | null;
  readonly Extra: string | null;
}

/** Lists must stay flat as tables grow: what the service really asks for each of them is explained by the server. */
eachDatabase((database) => {
  if (database.name === 'SQLite') {
    it.skip('is asserted on the servers', () => undefined);
    return;
  }
  const statements: Statement[] = [];
  let app: NestExpressApplication;
  let dataSource: DataSource;
  let limitedKey: string;
  let filled: Awaited<ReturnType<typeof fillTables>>;

  beforeAll(async () => {
    // No workers: nothing else asks while we listen.
    const settings = database.settings({ ADMIN_API_KEY: ADMIN });
    app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(settings, { workers: false }), {
      bodyParser: false, abortOnError: false, logger: false,
    });
    configureApp(app, createNestLogger('silent').logger);
    await app.init();
    dataSource = app.get(DataSource);
    filled = await fillTables(dataSource, app.get(CredentialCipher));
    const made = await request(app.getHttpServer())
      .post('/api/v1/api-keys')
      .set('Authorization', `Bearer ${ADMIN}`)
      .send({ name: 'limited', role: 'admin', accountIds: filled.accounts.slice(0, 3) });
    limitedKey = made.body.key;
    dataSource.logger = listener(statements);
  }, 120_000);

  afterAll(async () => {
    await app.close();
  });

  const lists = (): [name: string, path: string, key?: string][] => {
    const { account, conversation } = filled;
    const path = `/accounts/${account}`;
    return [
      ['accounts', '/accounts'],
      ['rules', `${path}/rules`],
      ['conversations', `${path}/conversations`],
      ['messages', `${path}/conversations/${conversation}/messages`],
      ['events', `${path}/events`],
      ...['pending', 'processed', 'ignored', 'dead'].map((status): [string, string] => [`${status} events`, `${path}/events?status=${status}`]),
      ['outbox', `${path}/outbox`],
      ...['waiting', 'paused', 'sending', 'uncertain'].map((status): [string, string] => [`${status} sends`, `${path}/outbox?status=${status}`]),
      ['unrouted events', '/events/unrouted'],
      ['audit', '/audit'],
      ['audit of an account', `/audit?accountId=${account}`],
      ['audit of an action', '/audit?action=rule.create'],
      ['audit of an account and an action', `/audit?accountId=${account}&action=rule.create`],
      ['API keys', '/api-keys'],
      // (The accounts of a limited key are sorted: they are as many as the key names.)
      ['audit of a limited key', '/audit', limitedKey],
    ];
  };

  it('every list is read along an index, its first page and its later ones', async () => {
    const complaints: string[] = [];
    for (const [name, path, key = ADMIN] of lists()) {
      let cursor: string | null = null;
      for (const page of ['first', 'second', 'third']) {
        statements.length = 0;
        const address: string = `/api/v1${path}${path.includes('?') ? '&' : '?'}limit=20${cursor === null ? '' : `&cursor=${cursor}`}`;
        const answer = await request(app.getHttpServer()).get(address).set('Authorization', `Bearer ${key}`);
        expect(`${address} ${String(answer.status)}`).toBe(`${address} 200`);
        const asked = statements.filter((statement) => statement.sql.startsWith('SELECT'));
        expect(asked.length).toBeGreaterThan(0);
        for (const statement of asked) {
          for (const step of await explain(statement)) {
            if (isFlat(step)) continue;
            complaints.push(`${name}, ${page} page: ${JSON.stringify(step)}\n  ${statement.sql}`);
          }
        }
        cursor = answer.body.nextCursor;
        if (cursor === null) break;
      }
    }
    expect(complaints).toEqual([]);
  }, 120_000);

  it('a cursor of another list is refused', async () => {
    const answer = await request(app.getHttpServer())
      .get(`/api/v1/accounts/${filled.account}/rules?cursor=${encodeCursor(['x', 'y', 1])}`)
      .set('Authorization', `Bearer ${ADMIN}`);
    expect(answer.status).toBe(400);
  });

  async function explain({ sql, parameters }: Statement): Promise<Step[]> {
    const silenced = dataSource.logger;
    dataSource.logger = listener([]);
    try {
      return await dataSource.query<Step[]>(`EXPLAIN FORMAT=TRADITIONAL ${sql}`, [...parameters]);
    } finally {
      dataSource.logger = silenced;
    }
  }
});

function isFlat({ table, type, Extra }: Step): boolean {
  // No table: answered from constants, or impossible. A derived one holds no more rows than the pages it was put together from.
  if (table === null || table.startsWith('<')) return true;
  return type !== 'ALL' && !(Extra ?? '').includes('filesort') && !(Extra ?? '').includes('temporary');
}

function listener(into: Statement[]): Logger {
  const nothing = () => undefined;
  return {
    logQuery: (sql, parameters) => {
      into.push({ sql: sql.trim(), parameters: Array.isArray(parameters) ? parameters : [] });
    },
    logQueryError: nothing, logQuerySlow: nothing, logSchemaBuild: nothing, logMigration: nothing, log: nothing,
  };
}
