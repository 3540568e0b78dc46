import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { dataDirOf, Refusal, type Invocation } from './invocation';

export async function logs(invocation: Invocation): Promise<number> {
  const { logs: folder } = dataDirOf(invocation);
  const all = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.log')).sort() : [];
  const serviceOf = (name: string): string => name.replace(/(-\d+)?\.log$/, '');
  const [wanted] = invocation.positionals;
  const chosen = all.filter((name) => wanted === undefined || serviceOf(name) === wanted);
  if (chosen.length === 0) {
    const names = [...new Set(all.map(serviceOf))];
    throw new Refusal(names.length === 0 ? `There are no logs in ${folder} yet.` : `No log of "${wanted}": one of ${names.join(', ')}.`);
  }
  // -F goes on with a log that is emptied or made anew.
  const args = [...(invocation.values['follow'] ? ['-F'] : []), '-n', String(invocation.values['lines']), ...chosen.map((name) => path.join(folder, name))];
  const tail = spawn('tail', args, { stdio: ['ignore', 'inherit', 'inherit'] });
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => tail.kill());
  return new Promise((resolve, reject) => tail.once('error', reject).once('exit', (code, name) => resolve(name ? 0 : (code ?? 1))));
}
