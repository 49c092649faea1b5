/**
 * Who may import whom. The table is the architecture: a line added here is a decision, not a formality.
 * Each module's door is its `index.ts`.
 */
const MAY_IMPORT = {
  common: [],
  config: ['common'],
  database: ['common', 'config'],
  crypto: ['common', 'config'],
  queue: ['common', 'config'],
  audit: ['common', 'database'],
  auth: ['common', 'config', 'database', 'crypto', 'audit'],
  accounts: ['common', 'config', 'database', 'crypto', 'audit'],
  conversations: ['common', 'database', 'audit'],
  rules: ['common', 'database', 'audit'],
  messaging: ['common', 'config', 'database', 'crypto', 'queue', 'audit', 'accounts', 'conversations', 'rules'],
  health: ['common', 'config', 'database', 'queue', 'messaging'],
  metrics: ['common', 'config', 'database', 'queue', 'messaging'],
  'local-meta': ['common', 'crypto'],
};
/** May import everything, like the files directly in `src`. */
const FREE = ['cli'];

const SPEC = '\\.spec\\.ts$';
const folders = [...Object.keys(MAY_IMPORT), ...FREE];

const table = Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
  name: `${folder}-may-import`,
  comment: `src/${folder} may import: ${allowed.length > 0 ? allowed.join(', ') : 'nothing of ours'}.`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: `^src/(${[folder, ...allowed].join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...table,
    {
      name: 'every-folder-is-in-the-table',
      comment: 'A new folder of src needs its line in the table.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/(${folders.join('|')})/` },
      to: {},
    },
    {
      name: 'modules-have-one-door',
      comment: 'Another module is entered by its index.ts (common has no door: its files are small and free of I/O).',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: SPEC },
      to: { path: '^src/[^/]+/.', pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$', '^src/common/'] },
    },
    {
      name: 'the-application-uses-doors',
      comment: 'The files directly in src enter the modules by their doors too.',
      severity: 'error',
      from: { path: '^src/[^/]+\\.ts$', pathNot: SPEC },
      to: { path: '^src/[^/]+/.', pathNot: ['^src/[^/]+/index\\.ts$', '^src/(common|cli)/'] },
    },
    {
      name: 'typeorm-stays-in-repositories',
      comment: 'TypeORM only in entities, repositories, module files, database/ and the migrations.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: ['^src/database/', '\\.entity\\.ts$', '\\.repository\\.ts$', '\\.module\\.ts$', SPEC],
      },
      to: { path: '(^|/)node_modules/(typeorm|@nestjs/typeorm)/|^(typeorm|@nestjs/typeorm)$' },
    },
    {
      name: 'drivers-stay-in-database',
      comment: 'No module but database/ speaks to a database driver.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/database/', SPEC] },
      to: { path: '(^|/)node_modules/(mysql2|better-sqlite3|@types/better-sqlite3)/|^(mysql2|better-sqlite3)(/|$)' },
    },
    {
      name: 'redis-stays-in-queue-and-pace',
      comment: 'BullMQ only in queue/; Redis itself there, and where the limits over instances are kept.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/queue/', '^src/messaging/pace/', SPEC] },
      to: { path: '(^|/)node_modules/(bullmq|@nestjs/bullmq|ioredis)/|^(bullmq|@nestjs/bullmq|ioredis)$' },
    },
    {
      name: 'bullmq-stays-in-queue',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/queue/', SPEC] },
      to: { path: '(^|/)node_modules/(bullmq|@nestjs/bullmq)/|^(bullmq|@nestjs/bullmq)$' },
    },
    {
      name: 'controllers-know-no-rows',
      comment: 'A controller speaks to services and use cases, never to repositories or entities.',
      severity: 'error',
      from: { path: '\\.controller\\.ts$' },
      to: { path: '\\.(repository|entity)\\.ts$' },
    },
    {
      name: 'crypto-in-one-place',
      comment: 'node:crypto only in src/crypto.',
      severity: 'error',
      from: { path: '^(src|migrations)/', pathNot: ['^src/crypto/', SPEC] },
      to: { path: '^(node:)?crypto$', dependencyTypes: ['core'] },
    },
    {
      name: 'the-service-knows-no-test',
      comment: 'What ships does not import tests, benchmarks or scripts.',
      severity: 'error',
      from: { path: '^(src|migrations)/|^ormconfig\\.ts$', pathNot: SPEC },
      to: { path: '^(test|bench|scripts)/' },
    },
    {
      name: 'what-ships-is-a-dependency',
      comment: 'What ships does not need a development package at run time.',
      severity: 'error',
      from: { path: '^(src|migrations)/|^ormconfig\\.ts$', pathNot: SPEC },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '(^|/)node_modules/@types/' },
    },
    {
      name: 'migrations-stand-alone',
      comment: 'A migration that imports today’s code means something else tomorrow.',
      severity: 'error',
      from: { path: '^migrations/' },
      to: { path: '^src/' },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'everything-resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage|data|\\.test-servers|bench/peers)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
