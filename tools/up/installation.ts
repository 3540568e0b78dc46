import path from 'node:path';
import { postgresUrl } from '../infra';
import type { DataDir } from './data-dir';
import { findEngineVersions } from './engine-versions';
import { freeBlock, portsFrom, takenPort } from './ports';
import type { Installation } from './service-env';
import type { Settings } from './settings';
import { loadState, saveState } from './state';
import { planTls } from './tls';

/** The base port: the one that was asked for, else the kept one while it is free, else the first free block. */
async function choosePort({ port, host }: Settings, kept: number | undefined, tell: (text: string) => void): Promise<number> {
  const wanted = port ?? kept;
  if (wanted === undefined) return freeBlock(host);
  const taken = await takenPort(wanted, host);
  if (taken === undefined) return wanted;
  if (port !== undefined) throw new Error(`--port=${port}: port ${taken} of its block (${port} to ${port + 63}) is taken. Choose another, or leave the flag out to take the first free block.`);
  const next = await freeBlock(host);
  tell(`port ${taken} is taken by another program: moving from ${wanted} to ${next}`);
  return next;
}

/** Everything that a start needs to know; makes secrets and chooses ports on the first one. */
export async function planInstallation(settings: Settings, dataDir: DataDir, tell: (text: string) => void): Promise<Installation> {
  const loaded = loadState(dataDir.stateFile);
  const base = await choosePort(settings, loaded.basePort, tell);
  const state = { ...loaded, basePort: base };
  saveState(dataDir.stateFile, state);
  const ports = portsFrom(base);
  const baseUrl = `http://127.0.0.1:${base}`;
  const tls = settings.tls && (await planTls(settings.tls, settings.domains, dataDir.tls, tell));
  return {
    settings,
    engineVersions: await findEngineVersions(settings.checkout, settings.passed['SANDBOX'] ?? 'bwrap'),
    state,
    dataDir,
    ports,
    baseUrl,
    publicUrl: settings.publicUrl ?? baseUrl,
    postgresUrl: postgresUrl(ports.postgres, state.postgresPassword),
    natsUrl: `nats://127.0.0.1:${ports.nats}`,
    ...(tls && { tls }),
  };
}

export const recordFileOf = (dataDir: DataDir): string => path.join(dataDir.run, 'processes.json');
export const lockFileOf = (dataDir: DataDir): string => path.join(dataDir.run, 'supervisor.lock');
