import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { FileRef } from '@millrace/contracts';
import { cleanFilename, extOf, HeadTap, mimeOf, sniff, SNIFF_BYTES } from '@millrace/file-types';
import type { BlobStore } from './blob-store';

/** A file that was just stored, under a run id of its own. */
export interface Received {
  readonly run: string;
  readonly file: FileRef;
}

/**
 * Streams a customer's file into the blob store as `<task>/<run>/<cleaned name>` and tells its type by its content.
 * Throws LIMIT_EXCEEDED above `maxBytes`, SERVICE_UNAVAILABLE when the storage fails, the error of a source that broke off; nothing is left then.
 */
export async function receiveFile(blobs: BlobStore, task: string, source: Readable, filename: string, maxBytes: number): Promise<Received> {
  // One that was cut while its task was looked up has told so already, and would be waited for without end.
  if (source.destroyed) throw source.errored ?? new Error('the file was cut');
  const run = randomUUID();
  const name = cleanFilename(filename);
  const keeper = new HeadTap(SNIFF_BYTES);
  // The store destroys what it reads from when it fails; its error then ends the source as well, and the other way round.
  source.once('error', (error) => keeper.destroy(error)).once('close', () => {
    if (!source.readableEnded) keeper.destroy(new Error('the file was cut'));
  });
  keeper.once('close', () => source.destroy());
  const stat = await blobs.put(`${task}/${run}/${name}`, source.pipe(keeper), { maxBytes });
  const type = sniff(keeper.head);
  const mime = type?.mime ?? mimeOf(extOf(name));
  return { run, file: { blob: stat.key, name, size: stat.size, md5: stat.md5, sha256: stat.sha256, mime, ...(type && { type: type.ext }) } };
}
