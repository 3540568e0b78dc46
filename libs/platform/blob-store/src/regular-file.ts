import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { Failure } from '@millrace/failures';
import { hasCode, storageFailure } from './failures';

/** Opens a regular file for reading; neither follows a link nor waits for a pipe's writer. Throws INVALID_INPUT for anything else. */
export async function openRegular(file: string): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw hasCode(error, 'ELOOP', 'ENXIO', 'ENOENT', 'ENOTDIR') ? notRegular(error) : storageFailure(error);
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw notRegular();
}

function notRegular(cause?: unknown): Failure {
  return new Failure('INVALID_INPUT', 'Only a regular file can be stored.', { cause });
}
