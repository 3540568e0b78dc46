import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { convertSample, type Proof } from './sample';
import type { Installation } from './service-env';
import { saveState, type State } from './state';

/**
 * Makes the account and the API key of a data folder that has none, or the key that the settings ask for.
 * Answers the state with the key in it, saved.
 */
export async function ensureKey({ settings, state, dataDir, postgresUrl }: Installation): Promise<State> {
  if (state.apiKey && (!settings.apiKey || settings.apiKey === state.apiKey)) return state;
  const main = path.join(settings.checkout, 'dist/tools/keys/main.js');
  const args = [main, 'create', '--name', 'default', '--scopes', 'all', '--json', ...(settings.apiKey ? ['--key', settings.apiKey] : [])];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, DATABASE_URL: postgresUrl } });
  const withKey = { ...state, apiKey: (JSON.parse(stdout) as { key: string }).key };
  saveState(dataDir.stateFile, withKey);
  return withKey;
}

/** Proves once per data folder that a conversion goes through; undefined when that was done before. */
export async function proveOnce({ baseUrl, dataDir }: Installation, state: State): Promise<Proof | undefined> {
  if (state.proven || !state.apiKey) return undefined;
  const proof = await convertSample(baseUrl, state.apiKey);
  saveState(dataDir.stateFile, { ...state, proven: true });
  return proof;
}
