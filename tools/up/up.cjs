#!/usr/bin/env node
// Entry of the npm scripts that run Millrace. Plain JavaScript on Node alone: it sets up everything else, then hands over to dist/tools.
const { existsSync } = require('node:fs');
const path = require('node:path');
const { SetupError, root, setUp } = require('../setup/setup.cjs');
const { UsageError, parse, usage } = require('./arguments.cjs');

const compiled = (file) => path.join(root, 'dist/tools', file);
const progress = (text) => console.log(`[up] ${text}`);

/** Commands of their own parsers, in dist/tools/<name>/main.js. */
const tools = ['backup', 'bench', 'codegen', 'convert', 'keys', 'matrix', 'migrate', 'projections', 'simulate'];
const commands = ['up', 'down', 'status', 'logs'];

async function supervised(command, argv) {
  const { values, positionals } = parse(command, argv);
  if (values.help) return console.log(usage[command]);
  // Only `up` installs: the others look at what it left, and must be quick.
  if (command === 'up') setUp(progress, values.engines);
  if (!existsSync(compiled('up/commands.js'))) throw new SetupError('Nothing was built here yet: "npm run up" comes first.');
  process.exitCode = await require(compiled('up/commands.js'))[command]({ checkout: root, values, positionals });
}

async function main([command, ...argv]) {
  if (commands.includes(command)) return supervised(command, argv);
  if (!tools.includes(command)) throw new UsageError(`Unknown command "${command ?? ''}": one of ${[...commands, ...tools].join(', ')}.`);
  // Their output is data for other programs: what set-up says goes to the other stream.
  setUp((text) => console.error(`[${command}] ${text}`));
  process.exitCode = await require(compiled('up/commands.js')).tool({ checkout: root, name: command, argv });
}

main(process.argv.slice(2)).catch((error) => {
  const usageError = error instanceof UsageError || error.name === 'SettingsError';
  const text = usageError || error instanceof SetupError || error.forPeople ? error.message : error.stack;
  console.error(text);
  // A detached supervisor says why it gives up to the command that waits for it.
  if (process.connected) process.send({ refused: text });
  process.exitCode = usageError ? 2 : 1;
});
