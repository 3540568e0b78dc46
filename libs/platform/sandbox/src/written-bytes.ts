import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

export interface Written {
  readonly bytes: number;
  readonly files: number;
}

/** What a file system may allocate beyond a file's length by itself. */
const ROUNDING_BYTES = 64 * 1024;

/** Undefined for what was removed while we looked; a jailed program may do that at any time. */
async function unlessGone<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/**
 * Bytes and entries under the given paths, links not followed. A sparse file counts by its length, a preallocated one by its blocks.
 * Stops counting beyond `maxFiles`, so that a million small files do not hold the watcher up.
 */
export async function writtenUnder(roots: readonly string[], maxFiles: number): Promise<Written> {
  const queue = [...roots];
  let bytes = 0;
  let files = 0;
  while (queue.length > 0 && files <= maxFiles) {
    const at = queue.pop()!;
    const info = await unlessGone(lstat(at));
    if (!info) continue;
    const allocated = info.blocks * 512;
    if (info.isFile()) bytes += allocated > info.size + ROUNDING_BYTES ? allocated : info.size;
    if (!info.isDirectory()) continue;
    const names = (await unlessGone(readdir(at))) ?? [];
    files += names.length;
    queue.push(...names.slice(0, maxFiles + 1).map((name) => path.join(at, name)));
  }
  return { bytes, files };
}
