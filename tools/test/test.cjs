#!/usr/bin/env node
// `npm test`: its own set-up, then every check there is, then one line that says how many passed. Runs without node_modules.
const path = require('node:path');
const { SetupError, root, setUp } = require('../setup/setup.cjs');
const { UsageError, parse, usage } = require('./arguments.cjs');
const { jestLevel } = require('./jest-level.cjs');
const { environment, sharedPostgres, temporaryFolder } = require('./resources.cjs');
const { run, stopRunning } = require('./run.cjs');

const say = (text) => console.log(`\n[test] ${text}`);
const bin = (name) => path.join(root, 'node_modules/.bin', name);

/** A check that is one program: passed when it ends with 0. */
const program = (name, file, args) => async ({ env }) => {
  const code = await run(file, args, { cwd: root, env, timeoutMs: 10 * 60_000 });
  if (code !== 0) console.error(`${name} failed (${code})`);
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
};

const level = (name) => (context) => jestLevel(name, context);

const steps = [
  { part: 'lint', name: 'lint', check: program('lint', bin('nx'), ['run-many', '-t', 'lint', '--output-style=static']) },
  { part: 'lint', name: 'lint canary', check: program('lint canary', process.execPath, [path.join(root, 'tools/lint/canary/canary.cjs')]) },
  { part: 'types', name: 'types', check: program('types', bin('tsc'), ['-p', 'tsconfig.json']) },
  { part: 'unit', name: 'unit tests', check: level('unit') },
  { part: 'int', name: 'integration tests', check: level('int'), postgres: true },
  { part: 'e2e', name: 'end-to-end tests', check: level('e2e'), postgres: true },
];

const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

async function runSteps(chosen, context, totals) {
  for (const { name, check } of chosen) {
    say(name);
    const started = Date.now();
    const counts = await check(context);
    for (const key of Object.keys(totals)) totals[key] += counts[key];
    say(`${name}: ${counts.passed} passed, ${counts.failed} failed, ${seconds(started)}`);
  }
}

function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

async function checkAll({ only, pattern, workers }, totals) {
  const started = Date.now();
  setUp(say, 'test');
  say(`set up in ${seconds(started)}`);
  const chosen = steps.filter(({ part }) => !only || part === only);
  const temporary = temporaryFolder();
  let postgres;
  const cleanUp = async () => {
    stopRunning();
    await postgres?.stop();
    temporary.remove();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => void cleanUp().finally(() => process.exit(130)));
  try {
    const env = environment(temporary.tmp);
    if (chosen.some((step) => step.postgres)) {
      postgres = await sharedPostgres(temporary.folder);
      env.MILLRACE_TEST_POSTGRES_URL = postgres.url;
    }
    await runSteps(chosen, { root, env, temporary: temporary.folder, pattern, workers }, totals);
  } finally {
    await cleanUp();
  }
  say(`all in ${seconds(started)}`);
}

async function main() {
  const options = parse(process.argv.slice(2));
  if (options.help) return console.log(usage);
  const totals = { passed: 0, failed: 0, skipped: 0 };
  try {
    await checkAll(options, totals);
  } catch (error) {
    console.error(error instanceof SetupError ? error.message : error.stack);
    totals.failed += 1;
  }
  console.log(closingLine(totals));
  process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;
}

main().catch((error) => {
  console.error(error instanceof UsageError ? `${error.message}\n\n${usage}` : error.stack);
  process.exitCode = 2;
});
