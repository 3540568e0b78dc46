// The rooms of docs/architecture.md as lint rules. Run through `nx lint`: without Nx's project graph the boundary rule skips itself.
const nx = require('@nx/eslint-plugin');
const parser = require('@typescript-eslint/parser');

const only = (sourceTag, ...onlyDependOnLibsWithTags) => ({ sourceTag, onlyDependOnLibsWithTags });

const depConstraints = [
  { ...only('scope:contracts', 'scope:contracts'), allowedExternalImports: ['zod'] },
  { ...only('scope:catalog', 'scope:catalog', 'scope:contracts', 'lib:failures'), allowedExternalImports: ['zod'] },
  { ...only('lib:job-domain', 'scope:contracts', 'lib:failures'), allowedExternalImports: ['zod'] },
  { ...only('lib:engine-kit', 'scope:contracts', 'lib:failures'), allowedExternalImports: ['zod'] },
  only('scope:foundation', 'scope:foundation', 'scope:contracts'),
  only('lib:event-store', 'lib:database', 'scope:foundation', 'scope:contracts'),
  ...['database', 'event-bus', 'blob-store', 'sandbox', 'safe-fetch'].map((lib) => only(`lib:${lib}`, 'scope:foundation', 'scope:contracts')),
  only('lib:job-store', 'lib:database', 'lib:event-store', 'lib:event-bus', 'lib:blob-store', 'lib:job-domain', 'scope:catalog', 'scope:foundation', 'scope:contracts'),
  only('lib:orchestration', 'lib:database', 'lib:event-store', 'lib:event-bus', 'lib:blob-store', 'lib:job-domain', 'lib:job-store', 'scope:catalog', 'scope:foundation', 'scope:contracts'),
  only('scope:work', 'lib:event-bus', 'lib:blob-store', 'lib:sandbox', 'lib:safe-fetch', 'scope:work', 'scope:catalog', 'scope:foundation', 'scope:contracts'),
  only('scope:edge', 'lib:job-store', 'lib:access', 'scope:catalog', 'scope:platform', 'scope:foundation', 'scope:contracts'),
  only('scope:apps', 'scope:edge', 'lib:orchestration', 'scope:work', 'scope:foundation', 'scope:contracts'),
  only('scope:tools', '*'),
];

/** What the specs of the pure libs may use beside their one library. */
const withTestTools = (constraint) =>
  constraint.allowedExternalImports ? { ...constraint, allowedExternalImports: [...constraint.allowedExternalImports, 'fast-check'] } : constraint;

const banProcess = { object: 'process', property: 'env', message: 'Only libs/foundation/config and tools read the environment.' };

const banOpenTelemetry = { group: ['@opentelemetry/*'], message: 'Spans are made through libs/foundation/telemetry, which loads OpenTelemetry only where it is wanted.' };

module.exports = [
  { ignores: ['**/dist/**', '**/node_modules/**'] },
  {
    files: ['**/*.ts'],
    languageOptions: { parser, parserOptions: { sourceType: 'module' } },
    plugins: { '@nx': nx },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@nx/enforce-module-boundaries': ['error', { enforceBuildableLibDependency: false, allow: [], depConstraints }],
      'no-restricted-properties': ['error', banProcess],
      'no-restricted-imports': ['error', { paths: ['child_process', 'node:child_process'].map((name) => ({ name, message: 'Programs are started by libs/platform/sandbox only.' })), patterns: [banOpenTelemetry] }],
      'no-debugger': 'error',
      'no-empty': 'error',
      'prefer-const': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines': ['error', { max: 400 }],
      'max-depth': ['error', 4],
    },
  },
  { files: ['libs/foundation/config/**/*.ts'], rules: { 'no-restricted-properties': 'off' } },
  { files: ['libs/platform/sandbox/**/*.ts'], rules: { 'no-restricted-imports': ['error', { patterns: [banOpenTelemetry] }] } },
  { files: ['libs/foundation/telemetry/src/otel-*.ts'], rules: { 'no-restricted-imports': 'off' } },
  // Tools may import anything; what is left of the boundary rule would only be circles through the specs that use tools/testing.
  { files: ['tools/**/*.ts'], rules: { 'no-restricted-properties': 'off', 'no-restricted-imports': 'off', '@nx/enforce-module-boundaries': 'off' } },
  {
    files: ['{apps,libs}/**/*.spec.ts'],
    rules: {
      'no-restricted-properties': 'off',
      'no-restricted-imports': 'off',
      // Specs may use the test helpers of tools; everything else of the table holds for them too.
      '@nx/enforce-module-boundaries': ['error', { enforceBuildableLibDependency: false, allow: ['@millrace/testing'], depConstraints: depConstraints.map(withTestTools) }],
    },
  },
];
