// The command line of up, down, status and logs. Plain JavaScript: `--help` needs no node_modules.
const { parseArgs } = require('node:util');
const { tiers } = require('../setup/tools.cjs');

const flag = { type: 'boolean' };
const text = { type: 'string' };
const where = { 'data-dir': text, help: { ...flag, short: 'h' } };

const options = {
  up: { port: text, host: text, 'public-url': text, key: text, tls: flag, 'tls-port': text, 'tls-host': text, 'tls-names': text, scale: { ...text, multiple: true }, engines: { ...text, default: 'core' }, detach: { ...flag, short: 'd' }, 'no-sample': flag, ...where },
  down: where,
  status: { json: flag, ...where },
  logs: { follow: { ...flag, short: 'f' }, lines: { ...text, short: 'n', default: '100' }, ...where },
};

const dataDirLine = '  --data-dir=<folder>     where everything is kept (MILLRACE_DATA_DIR; default .millrace)';

const usage = {
  up: `Usage: npm run up [-- <options>]

Installs what is missing, builds, and runs Millrace: Postgres, nats-server and the seven services. Ctrl-C stops all of it.

  --detach, -d            return when all is ready; "npm run down" stops it
  --port=<number>         first of ${64} ports in a row, where the gateways listen (MILLRACE_PORT; default: the first free block from 8080)
  --host=<address>        address the gateways listen on (HOST; default 127.0.0.1)
  --public-url=<url>      how clients reach the gateways, for links (PUBLIC_URL; default http://127.0.0.1:<port>)
  --key=<key>             the API key to make on the first run (MILLRACE_API_KEY; default: a random one)
  --tls                   serve clients with hard-coded hosts as well, with a certificate of its own (MILLRACE_TLS=on); see docs/clients.md
  --tls-port=<number>     its port (MILLRACE_TLS_PORT; default 443 when it can be bound, else 8443)
  --tls-host=<address>    the address it listens on (MILLRACE_TLS_HOST; default 127.0.0.1)
  --tls-names=<a,b>       domains whose api, sync, storage and further hosts it serves (HOST_NAMES; default cloudconvert.com)
  --scale=<service>=<n>   processes of a service, repeatable; "all=2" for every one (MILLRACE_SCALE=a=2,b=3)
  --engines=<tier>        native programs to install: core (default: documents, film, sound, images, PDF, archives) or all (optional engines too)
  --no-sample             do not convert a sample on the first run
${dataDirLine}
  --help                  this text

Variables may stand in a file .env; .env.example names them all.`,
  down: `Usage: npm run down [-- --data-dir=<folder>]

Stops what "npm run up" started, also what was left by one that was killed.

${dataDirLine}`,
  status: `Usage: npm run status [-- --json]

Shows each process with its health. Ends with 0 when all are healthy, with 1 when one is not, with 3 when nothing runs.

  --json                  as JSON, with the API key and the passwords (npm run --silent status -- --json)
${dataDirLine}`,
  logs: `Usage: npm run logs [service] [-- --follow] [-- --lines=<n>]

Shows the logs of all processes or of one service: a service's name, "postgres" or "nats".

  --follow, -f            go on as lines come
  --lines=<n>, -n <n>     how many of the last lines of each log, default 100
${dataDirLine}`,
};

/** Thrown for a command line that makes no sense; the message names the argument. */
class UsageError extends Error {}

/** `{ values, positionals }` of a command, its flags checked. */
function parse(command, argv) {
  let parsed;
  try {
    parsed = parseArgs({ args: argv, options: options[command], allowPositionals: true });
  } catch (error) {
    const known = Object.keys(options[command]).map((name) => `--${name}`);
    throw new UsageError(`${error.message.split('. ')[0]}. Options of "${command}": ${known.join(', ')}.`);
  }
  const { values, positionals } = parsed;
  const most = command === 'logs' ? 1 : 0;
  if (positionals.length > most) throw new UsageError(`Unexpected argument "${positionals[most]}" of "${command}".`);
  if (values.lines !== undefined && !/^\d{1,6}$/.test(values.lines)) throw new UsageError(`--lines=${values.lines}: a number.`);
  if (values.engines !== undefined && !Object.hasOwn(tiers, values.engines)) throw new UsageError(`--engines=${values.engines}: one of ${Object.keys(tiers).join(', ')}.`);
  return { values, positionals };
}

module.exports = { UsageError, parse, usage };
