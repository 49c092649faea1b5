import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const ENVIRONMENT = 'Read settings from AppSettings: only src/config reads the environment.';

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'data/', '.test-servers/', 'bench/peers/', 'bench/results/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    // `tsconfig.test.json` is the one project that holds every source and every test.
    languageOptions: { parserOptions: { project: ['./tsconfig.test.json'], tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // A Nest module is a class with nothing in it but a decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // `constructor(dialect) { super(dialect); }` is what gives an injectable subclass its constructor's types.
      '@typescript-eslint/no-useless-constructor': 'off',
      // `[...text]` is how code points are counted here.
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      // Hits NestFactory.create(…, { logger }).
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/config/**'],
    rules: {
      'no-restricted-properties': ['error', { object: 'process', property: 'env', message: ENVIRONMENT }],
      'no-restricted-imports': [
        'error',
        { paths: ['process', 'node:process'].map((name) => ({ name, importNames: ['env'], message: ENVIRONMENT })) },
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'src/**/*.spec.ts', 'migrations/**/*.spec.ts'],
    rules: {
      // supertest's `response.body` is `any`; asserting on it is what these files do.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      // A test that reads the element it has just counted says so with `!`.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // `[...'literal']` is no `string` to the rule above.
      '@typescript-eslint/no-misused-spread': 'off',
      // Fakes keep a port's promise without awaiting.
      '@typescript-eslint/require-await': 'off',
      // `expect(fake.method)`.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'console', 'Buffer', 'URL', 'fetch', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval',
          'setImmediate', 'performance', 'AbortController', 'AbortSignal', 'structuredClone', 'module', 'require', 'globalThis',
        ].map((name) => [name, 'readonly']),
      ),
    },
    rules: { eqeqeq: 'error', 'no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'none' }] },
  },
);
