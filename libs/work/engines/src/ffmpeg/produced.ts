import { lstat, open } from 'node:fs/promises';
import { sniff, SNIFF_BYTES } from '@millrace/file-types';

/** True when a regular file with something in it lies at `path`. */
export async function found(path: string): Promise<boolean> {
  try {
    const stat = await lstat(path);
    return stat.isFile() && stat.size > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** The type that the first bytes of a file show. */
export async function typeOf(path: string): Promise<string | undefined> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SNIFF_BYTES), 0, SNIFF_BYTES, 0);
    return sniff(buffer.subarray(0, bytesRead))?.ext;
  } finally {
    await file.close();
  }
}
