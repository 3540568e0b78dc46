import { spawn } from 'node:child_process';
import path from 'node:path';
import { lockFileOf, recordFileOf } from '../up/installation';
import { dataDirOf, Refusal } from '../up/invocation';
import { lockHolder } from '../up/lock';
import { readRecord } from '../up/process-record';
import { readState } from '../up/state';
import type { Target } from './arguments';

/** A platform that answers. */
export interface Platform {
  /** Without `/v2`. */
  readonly baseUrl: string;
  readonly key: string;
  /** True for one of this machine, which is asked where it listens, whatever its public address. */
  readonly local: boolean;
}

const CHECKOUT = path.resolve(__dirname, '../../..');

function running({ dataDir: named, key }: Target): Platform | undefined {
  const dataDir = dataDirOf({ checkout: CHECKOUT, values: { 'data-dir': named } });
  const record = readRecord(recordFileOf(dataDir));
  const apiKey = key ?? readState(dataDir.stateFile)?.apiKey;
  if (!record || apiKey === undefined || !lockHolder(lockFileOf(dataDir))) return undefined;
  return { baseUrl: record.baseUrl, key: apiKey, local: true };
}

/** Starts the platform in the background; what it says goes to standard error. */
async function start({ dataDir }: Target): Promise<void> {
  const args = [path.join(CHECKOUT, 'tools/up/up.cjs'), 'up', '--detach', '--no-sample', ...(dataDir === undefined ? [] : ['--data-dir', dataDir])];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 2, 2] });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve));
  if (code !== 0) throw new Refusal('The platform could not be started.');
}

/** The platform to use: the one named, the one that runs here, or the one that is started now. Throws Refusal. */
export async function platformFor(target: Target): Promise<Platform> {
  const key = target.key ?? (process.env['MILLRACE_API_KEY'] || undefined);
  if (target.baseUrl !== undefined) {
    if (key === undefined) throw new Refusal('--base-url needs an API key: --key or MILLRACE_API_KEY.');
    return { baseUrl: target.baseUrl, key, local: false };
  }
  const found = running({ ...target, ...(key !== undefined && { key }) });
  if (found) return found;
  await start(target);
  const started = running({ ...target, ...(key !== undefined && { key }) });
  if (!started) throw new Refusal('The platform was started but is gone again: "npm run logs" tells more.');
  return started;
}
