const { parseArgs } = require('node:util');

const parts = ['lint', 'types', 'unit', 'int', 'e2e'];

const usage = `Usage: npm test [-- [part] [pattern] [--workers=<n>]]

Installs what is missing, builds, and runs every check of this repository. The last line says "N passed, N failed".

  part       lint | types | unit | int | e2e; without it all of them, in this order
  pattern    for unit, int and e2e: only test files whose path matches this regular expression
  --workers  processes of Jest at a time for unit and int, default 2 (end-to-end tests run one after the other)
  --help     this text

Tests use ports and folders of their own, so that they run beside a running "npm run up".`;

/** Thrown for a command line that makes no sense; the message names the argument and its valid values. */
class UsageError extends Error {}

/** `{ help, only, pattern, workers }` of a command line. */
function parse(argv) {
  let parsed;
  try {
    parsed = parseArgs({ args: argv, allowPositionals: true, options: { help: { type: 'boolean', short: 'h' }, workers: { type: 'string', default: '2' } } });
  } catch (error) {
    throw new UsageError(error.message);
  }
  const { values, positionals } = parsed;
  const [part, pattern, ...rest] = positionals;
  if (part && !parts.includes(part)) throw new UsageError(`Unknown part "${part}": one of ${parts.join(', ')}.`);
  if (pattern && ['lint', 'types'].includes(part)) throw new UsageError(`${part} takes no pattern.`);
  if (rest.length > 0) throw new UsageError(`Unexpected argument "${rest[0]}": npm test -- [part] [pattern].`);
  if (!/^[1-9]\d?$/.test(values.workers)) throw new UsageError(`--workers=${values.workers}: a number from 1 to 99.`);
  return { help: values.help ?? false, only: part, pattern, workers: Number(values.workers) };
}

module.exports = { UsageError, parse, usage };
