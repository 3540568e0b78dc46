import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { recordFileOf } from './installation';
import { dataDirOf, Refusal } from './invocation';
import { readRecord } from './process-record';

export interface ToolInvocation {
  readonly checkout: string;
  /** Of dist/tools/<name>/main.js. */
  readonly name: string;
  readonly argv: readonly string[];
}

const NEEDS_DATABASE = ['keys', 'migrate', 'projections'];

/** Runs a tool of its own command line with DATABASE_URL set: the variable when it is given, else that of what runs here. */
export async function tool({ checkout, name, argv }: ToolInvocation): Promise<number> {
  const main = path.join(checkout, 'dist/tools', name, 'main.js');
  if (!existsSync(main)) throw new Refusal(`This version has no "npm run ${name}".`);
  const help = argv.includes('--help') || argv.includes('-h');
  const url = process.env['DATABASE_URL'] ?? readRecord(recordFileOf(dataDirOf({ checkout, values: {} })))?.postgres.url;
  if (!url && !help && NEEDS_DATABASE.includes(name)) throw new Refusal(`"npm run ${name}" needs a database: start one by "npm run up", or name one in DATABASE_URL.`);
  const child = spawn(process.execPath, [main, ...argv], { stdio: 'inherit', env: { ...process.env, ...(url ? { DATABASE_URL: url } : {}) } });
  // The terminal tells both of us; the child decides.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => child.once('error', reject).once('exit', (code) => resolve(code ?? 1)));
}
