import type { FileHandle } from 'node:fs/promises';
import { storageFailure } from './failures';
import type { Digests, HashedSource } from './hashed-source';

/**
 * Writes a source to `file` to its end; one chunk in flight, so memory stays flat.
 * Throws LIMIT_EXCEEDED, SERVICE_UNAVAILABLE, the source's own error, or the signal's reason.
 */
export async function writeHashed(file: FileHandle, source: HashedSource): Promise<Digests> {
  for await (const chunk of source.chunks()) await append(file, chunk);
  return source.digests();
}

async function append(file: FileHandle, chunk: Uint8Array): Promise<void> {
  try {
    await file.appendFile(chunk);
  } catch (error) {
    throw storageFailure(error);
  }
}
