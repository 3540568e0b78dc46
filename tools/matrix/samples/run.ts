import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const TIME_MS = 120_000;

/** Runs a program that makes samples of our own. Rejects with what it said when it fails. */
export async function run(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, [...args], { timeout: TIME_MS, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}
