import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { DataDir } from '../up/data-dir';
import { recordFileOf } from '../up/installation';
import { Refusal } from '../up/invocation';
import { readRecord } from '../up/process-record';
import { copyTree } from './copy-tree';
import { MANIFEST, type Manifest } from './manifest';
import { copyPostgres } from './postgres-copy';

/**
 * Copies an installation that runs into a folder that is not there yet: the database first, files of customers after it, so that what the
 * database names is among them (bytes stay an hour after the last reference to them is gone), and the keys.
 * @throws Refusal when there is nothing that can be copied so, or something lies in the way.
 */
export async function takeBackup(dataDir: DataDir, folder: string): Promise<Manifest> {
  if (existsSync(folder)) throw new Refusal(`${folder} is there already: name a folder that is not.`);
  const record = readRecord(recordFileOf(dataDir));
  if (!record) throw new Refusal(`Nothing runs in ${dataDir.root}: copy the whole folder, or start it by "npm run up".`);
  if (!existsSync(path.join(dataDir.postgres, 'PG_VERSION'))) throw new Refusal('The database is not one of ours (DATABASE_URL): back it up by its own means (pg_dump), and blobs/ and state.json after it.');
  const half = `${folder}.incomplete`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true, mode: 0o700 });
  const position = await copyPostgres(record.postgres.url, dataDir.postgres, path.join(half, 'postgres'));
  await copyTree(dataDir.blobs, path.join(half, 'blobs'));
  copyFileSync(dataDir.stateFile, path.join(half, 'state.json'));
  const manifest: Manifest = { takenAt: new Date().toISOString(), position };
  writeFileSync(path.join(half, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  renameSync(half, folder);
  return manifest;
}
