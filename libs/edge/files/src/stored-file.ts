import type { BlobStore } from '@millrace/blob-store';
import type { FileRef } from '@millrace/contracts';
import { extOf, mimeOf } from '@millrace/file-types';
import { Failure, isFailure } from '@millrace/failures';
import type { Download } from './download';

const gone = (cause?: unknown): Failure => new Failure('GONE', 'The file is no longer stored.', { cause });

/** One stored file. Throws GONE when it is not there. */
export async function storedFile(blobs: BlobStore, { blob, name, mime }: FileRef): Promise<Download> {
  const stat = await blobs.stat(blob);
  if (!stat) throw gone();
  return {
    name,
    mime: mime ?? mimeOf(extOf(name)),
    size: stat.size,
    etag: `"${stat.md5}"`,
    async open(range) {
      try {
        return (await blobs.open(blob, range)).stream;
      } catch (error) {
        if (isFailure(error) && error.code === 'BLOB_NOT_FOUND') throw gone(error);
        throw error;
      }
    },
  };
}
