import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { addAbortSignal } from 'node:stream';
import { Failure } from '@millrace/failures';
import type { PutOptions } from './blob-store';
import { storageFailure } from './failures';

/** Lower-case hex digests. */
export interface Digests {
  readonly md5: string;
  readonly sha256: string;
}

/**
 * Writes `source` to `file` to its end and hashes it on the way; one chunk in flight, so memory stays flat.
 * Throws LIMIT_EXCEEDED, SERVICE_UNAVAILABLE, the source's own error, or the signal's reason.
 */
export async function writeHashed(file: FileHandle, source: Readable, { signal, maxBytes = Infinity }: PutOptions): Promise<Digests> {
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  let size = 0;
  if (signal) addAbortSignal(signal, source);
  try {
    for await (const part of source) {
      const chunk: Uint8Array = typeof part === 'string' ? Buffer.from(part) : part;
      size += chunk.length;
      if (size > maxBytes) throw new Failure('LIMIT_EXCEEDED', `The file is larger than the ${maxBytes} bytes allowed.`);
      md5.update(chunk);
      sha256.update(chunk);
      await append(file, chunk);
    }
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
  signal?.throwIfAborted();
  return { md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}

async function append(file: FileHandle, chunk: Uint8Array): Promise<void> {
  try {
    await file.appendFile(chunk);
  } catch (error) {
    throw storageFailure(error);
  }
}
