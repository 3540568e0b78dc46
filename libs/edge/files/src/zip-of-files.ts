import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { BlobStore } from '@millrace/blob-store';
import type { FileRef } from '@millrace/contracts';
import { cleanFilename, mimeOf, uniqueFilenames } from '@millrace/file-types';
import { Failure } from '@millrace/failures';
import { ARCHIVE_NAME } from '@millrace/job-store';
import type { Range } from './byte-range';
import type { Download } from './download';
import { slice } from './slice';

/** So many files are looked for at a time. */
const LOOKS = 16;
const MODE = 0o100644;
/** Of one entry in the directory at a zip's end, besides its name: the record, its time, and where it is beyond 4 GiB (APPNOTE 4.3.12, 4.5.3). */
const ENTRY_BYTES = 46 + 9 + 28;
/** yazl counts the end of a directory from this size on as that of a zip64, but writes it so only when told to. */
const LARGE_DIRECTORY = 0xffff;

/** A name may begin like a drive of Windows, which the writer refuses. */
const entryName = (name: string): string => cleanFilename(name).replace(/^([a-z]):/i, '$1_');

/**
 * All `files` in one zip that is made while it is sent. Its entries are stored as they are, so that its length is known beforehand, and
 * with one time, so that each making gives the same bytes and a broken download can be gone on with. Throws GONE when a file is missing.
 */
export async function zipOfFiles(blobs: BlobStore, files: readonly FileRef[], time: Date): Promise<Download> {
  await assertStored(blobs, files);
  const names = uniqueFilenames(files.map(({ name }) => entryName(name)));
  const hash = createHash('sha256').update(JSON.stringify([time, names, files.map(({ blob, size }) => [blob, size])]));
  return {
    name: ARCHIVE_NAME,
    mime: mimeOf('zip'),
    size: lengthOf(files, names, time),
    etag: `"${hash.digest('hex').slice(0, 32)}"`,
    async open(range?: Range) {
      const stream = zipStream(blobs, files, names, time);
      return range ? slice(stream, range) : stream;
    },
  };
}

async function assertStored(blobs: BlobStore, files: readonly FileRef[]): Promise<void> {
  for (let from = 0; from < files.length; from += LOOKS) {
    const stats = await Promise.all(files.slice(from, from + LOOKS).map(({ blob }) => blobs.stat(blob)));
    if (stats.some((stat) => !stat)) throw new Failure('GONE', 'A file is no longer stored.');
  }
}

type OpenEntry = (file: FileRef, answer: (error: unknown, stream: NodeJS.ReadableStream) => void) => void;

/** A zip of stored entries; `open` is asked for one after the other, once it is read. */
function zipOf(files: readonly FileRef[], names: readonly string[], mtime: Date, open: OpenEntry): { zip: ZipFile; length: number } {
  const zip = new ZipFile();
  files.forEach((file, index) => zip.addReadStreamLazy(names[index]!, { mtime, mode: MODE, compress: false, size: file.size }, (answer) => open(file, answer)));
  const directory = names.reduce((sum, name) => sum + ENTRY_BYTES + Buffer.byteLength(name), 0);
  let length = -1;
  const told = (bytes?: number): void => void (length = bytes!);
  zip.end({ forceZip64Format: directory >= LARGE_DIRECTORY, comment: '' }, told);
  return { zip, length };
}

/** A zip whose entries nobody opens still tells its length. */
const lengthOf = (files: readonly FileRef[], names: readonly string[], time: Date): number => zipOf(files, names, time, () => undefined).length;

/** Destroying the result, or an error of any file, ends all of it: what was sent then is no zip, and shorter than was said. */
function zipStream(blobs: BlobStore, files: readonly FileRef[], names: readonly string[], time: Date): Readable {
  let current: Readable | undefined;
  const fail = (error: unknown): void => void output.destroy(error as Error);
  const { zip } = zipOf(files, names, time, ({ blob }, answer) => {
    blobs.open(blob).then(({ stream }) => {
      current = stream.on('error', fail);
      if (output.destroyed) stream.destroy();
      else answer(null, stream);
    }, fail);
  });
  const output = zip.outputStream as Readable;
  zip.on('error', fail);
  output.on('close', () => current?.destroy());
  return output;
}
