/** Run through `npm test`, or with NODE_OPTIONS=--experimental-vm-modules: everything here is an ES module. */
const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    {
      swcrc: false,
      module: { type: 'es6' },
      jsc: {
        target: 'es2023',
        keepClassNames: true,
        parser: { syntax: 'typescript', decorators: true },
        // As tsc does it: Nest reads constructor types from the metadata, TypeORM needs plain property assignment.
        transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      },
    },
  ],
};

const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  // Sources name the compiled file (`./x.js`), as Node demands; here the file is still `./x.ts`.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform,
  setupFiles: ['<rootDir>/test/support/detect-nesting.ts', '<rootDir>/test/support/detect-wide-reads.ts'],
  // Not the whole root: `.test-servers/` may hold a root file system.
  roots: ['<rootDir>/src', '<rootDir>/migrations', '<rootDir>/test'],
};

export default {
  coverageProvider: 'v8',
  // Most suites wait most of the time, for what the service does by the clock.
  maxWorkers: 3,
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  // Jest knows it only here, not for each project: the end-to-end suites start processes and servers.
  testTimeout: 60_000,
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/migrations/**/*.spec.ts', '<rootDir>/test/**/*.unit-spec.ts'],
    },
    {
      ...common,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/**/*.e2e-spec.ts'],
      globalSetup: '<rootDir>/test/support/servers/global-setup.mjs',
      globalTeardown: '<rootDir>/test/support/servers/global-teardown.mjs',
    },
  ],
};
