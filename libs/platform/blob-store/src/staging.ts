import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from './failures';

/** Name of the file that is being written inside a staging folder; once complete it is named by its digests. */
export const PART = 'part';

/** Makes a folder of its own in `tmp`. It becomes the blob by one rename, so that a blob is complete or absent. */
export async function newStaging(tmp: string, dirMode: number): Promise<string> {
  await mkdir(tmp, { recursive: true, mode: dirMode });
  const dir = path.join(tmp, randomUUID());
  await mkdir(dir, { mode: dirMode });
  return dir;
}

/** Flushes a folder's entries to disk. */
export async function syncDir(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Renames the staging folder to `target`; false when a blob is there already. A removal may take an empty parent away
 * between our mkdir and rename: then both are done again, a bounded number of times.
 */
export async function publish(staging: string, target: string, root: string, dirMode: number): Promise<boolean> {
  const run = path.dirname(target);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await mkdir(run, { recursive: true, mode: dirMode });
      await rename(staging, target);
      break;
    } catch (error) {
      if (hasCode(error, 'ENOTEMPTY', 'EEXIST')) return false;
      if (!hasCode(error, 'ENOENT') || attempt === 50) throw error;
    }
  }
  for (const dir of [run, path.dirname(run), root]) await syncUnlessRemoved(dir);
  return true;
}

/** Takes a blob's folder away in one rename, then its bytes, then parents that are empty now. */
export async function unpublish(target: string, tmp: string, root: string, dirMode: number): Promise<void> {
  await mkdir(tmp, { recursive: true, mode: dirMode });
  const doomed = path.join(tmp, randomUUID());
  try {
    await rename(target, doomed);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return;
    throw error;
  }
  await rm(doomed, { recursive: true, force: true });
  for (let dir = path.dirname(target); dir !== root; dir = path.dirname(dir)) {
    if (!(await removeEmpty(dir))) return;
  }
}

/** Removes the staging folders last written to before `before`; returns how many. */
export async function removeStale(tmp: string, before: Date): Promise<number> {
  let removed = 0;
  for (const name of await namesIn(tmp)) {
    const dir = path.join(tmp, name);
    const times = await Promise.all([mtime(dir), mtime(path.join(dir, PART))]);
    if (Math.max(...times) >= before.getTime()) continue;
    await rm(dir, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

/** The names in a folder, none when it is not there. */
export async function namesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

async function mtime(file: string): Promise<number> {
  try {
    return (await stat(file)).mtimeMs;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return -Infinity;
    throw error;
  }
}

async function syncUnlessRemoved(dir: string): Promise<void> {
  try {
    await syncDir(dir);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

async function removeEmpty(dir: string): Promise<boolean> {
  try {
    await rmdir(dir);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) return false;
    throw error;
  }
}
