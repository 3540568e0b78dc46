const { existsSync, readFileSync, rmSync } = require('node:fs');
const path = require('node:path');
const { run } = require('./run.cjs');

const match = {
  unit: ['**/*.spec.ts', '!**/*.int.spec.ts', '!**/*.e2e.spec.ts'],
  int: ['**/*.int.spec.ts'],
  e2e: ['**/*.e2e.spec.ts'],
};

/** A level that takes longer hangs. */
const WITHIN_MS = { unit: 20 * 60_000, int: 30 * 60_000, e2e: 45 * 60_000 };

const nothing = { passed: 0, failed: 0, skipped: 0 };

/** Reads Jest's report. A file that could not even be loaded has no test in it, and is a failure all the same. */
function count(report) {
  const unloaded = report.testResults.filter((suite) => suite.status === 'failed' && !suite.assertionResults.some((test) => test.status === 'failed'));
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** Runs one level (unit, int, e2e) over the whole tree in one Jest; resolves with `{ passed, failed, skipped }`. */
async function jestLevel(level, { root, env, temporary, pattern, workers }) {
  const outputFile = path.join(temporary, `${level}.json`);
  rmSync(outputFile, { force: true });
  const args = [
    path.join(root, 'node_modules/jest/bin/jest.js'),
    ...['-c', path.join(root, 'tools/jest/jest.config.cjs'), '--rootDir', root],
    ...match[level].flatMap((glob) => ['--testMatch', glob]),
    ...(level === 'e2e' ? ['--runInBand'] : [`--maxWorkers=${workers}`]),
    ...(pattern ? ['--testPathPatterns', pattern] : []),
    ...['--passWithNoTests', '--json', '--outputFile', outputFile],
  ];
  const code = await run(process.execPath, args, { cwd: root, env, timeoutMs: WITHIN_MS[level] });
  if (!existsSync(outputFile)) {
    console.error(`${level}: Jest ended with ${code} and without a report`);
    return { ...nothing, failed: 1 };
  }
  const counts = count(JSON.parse(readFileSync(outputFile, 'utf8')));
  if (code === 0 || counts.failed > 0) return counts;
  console.error(`${level}: Jest ended with ${code} though no test failed`);
  return { ...counts, failed: 1 };
}

module.exports = { count, jestLevel };
