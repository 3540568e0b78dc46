import { spawnSync } from 'node:child_process';
import path from 'node:path';
import type { Stack } from '../testing/stack';
import { Client } from './client';

const UP = path.resolve(__dirname, '../up/up.cjs');

/** `npm run keys`, as an operator runs it; what it says as JSON. */
function keys(stack: Stack, ...argv: readonly string[]): unknown {
  const { status, stdout, stderr } = spawnSync(process.execPath, [UP, 'keys', ...argv, '--json'], {
    env: { ...process.env, DATABASE_URL: stack.at.postgres.url },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`keys ${argv[0]} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

/** A client of another account of the stack. */
export function otherAccount(stack: Stack, email: string): Client {
  return new Client(stack, (keys(stack, 'create', '--name', 'e2e', '--email', email) as { key: string }).key);
}

/** The secret that signs the webhooks of the first account of a stack. */
export function signingSecret(stack: Stack): string {
  const [first] = keys(stack, 'show') as { webhook_signing_secret: string }[];
  return first!.webhook_signing_secret;
}
