import { spawnSync } from 'node:child_process';
import path from 'node:path';
import type { Stack } from '../testing/stack';
import { Client } from './client';

const UP = path.resolve(__dirname, '../up/up.cjs');

/** A client of another account of the stack, made as an operator makes it: by `npm run keys`. */
export function otherAccount(stack: Stack, email: string): Client {
  const { status, stdout, stderr } = spawnSync(process.execPath, [UP, 'keys', 'create', '--name', 'e2e', '--email', email, '--json'], {
    env: { ...process.env, DATABASE_URL: stack.at.postgres.url },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`keys create ended with ${status}: ${stderr}`);
  return new Client(stack, (JSON.parse(stdout) as { key: string }).key);
}
