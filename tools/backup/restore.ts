import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { asPostgresUser } from '../infra';
import { makeDataDir, type DataDir } from '../up/data-dir';
import { Refusal } from '../up/invocation';
import { loadState, readState, saveState } from '../up/state';
import { copyTree } from './copy-tree';
import { type Manifest, readManifest } from './manifest';

/**
 * Puts a backup into a data folder that holds no installation yet. The keys come last: a folder without them is begun anew.
 * @throws Refusal when there is one, or the backup is not complete.
 */
export async function restoreBackup(folder: string, dataDir: DataDir, checkout: string): Promise<Manifest> {
  const manifest = readManifest(folder);
  if (existsSync(dataDir.stateFile)) throw new Refusal(`${dataDir.root} holds an installation: name an empty folder by --data-dir, or move that one away.`);
  makeDataDir(dataDir, checkout);
  rmSync(dataDir.postgres, { recursive: true, force: true });
  await copyTree(path.join(folder, 'postgres'), dataDir.postgres, { uid: asPostgresUser.uid });
  await copyTree(path.join(folder, 'blobs'), dataDir.blobs);
  const state = readState(path.join(folder, 'state.json'));
  if (!state) throw new Refusal(`${folder} has no state.json: without its master key sealed secrets are lost.`);
  saveState(dataDir.stateFile, state);
  loadState(dataDir.stateFile);
  return manifest;
}
