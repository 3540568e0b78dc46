// One preset for every project: `jest -c tools/jest/jest.config.cjs --rootDir <project>`.
// Module names come from tsconfig.base.json, so that a lib is named in one place only.
const path = require('node:path');
const { readFileSync } = require('node:fs');

const root = path.resolve(__dirname, '../..');
const { paths } = JSON.parse(readFileSync(path.join(root, 'tsconfig.base.json'), 'utf8')).compilerOptions;

module.exports = {
  testEnvironment: 'node',
  globalSetup: path.join(__dirname, 'global-setup.cjs'),
  globalTeardown: path.join(__dirname, 'global-teardown.cjs'),
  roots: ['<rootDir>'],
  testMatch: ['**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', ...(process.env.MILLRACE_TEST_LEVEL === 'unit' ? ['\\.(int|e2e)\\.spec\\.ts$'] : [])],
  modulePathIgnorePatterns: [path.join(root, 'dist')],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: {
          target: 'es2022',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  moduleNameMapper: Object.fromEntries(Object.entries(paths).map(([name, [file]]) => [`^${name}$`, path.join(root, file)])),
  testTimeout: 30_000,
};
