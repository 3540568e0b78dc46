import { createWriteStream } from 'node:fs';
import { link, lstat, mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { BlobStat, BlobStore } from '@millrace/blob-store';
import type { ClaimInput, FileRef } from '@millrace/contracts';
import type { LocalOutput } from '@millrace/engine-kit';
import { Failure } from '@millrace/failures';
import { cleanFilename, extOf, HeadTap, mimeOf, sniff, SNIFF_BYTES } from '@millrace/file-types';
import { inSpan } from '@millrace/telemetry';
import type { RunFiles, RunFolders } from '../ports';

/** Files of runs between the blob store and a private folder per run under `scratch`. */
export class BlobRunFiles implements RunFiles {
  constructor(
    private readonly blobs: BlobStore,
    private readonly scratch: string,
  ) {}

  async open(task: string, run: string): Promise<RunFolders> {
    const root = path.join(this.scratch, `${task}.${run}`);
    const folders = { inDir: path.join(root, 'in'), outDir: path.join(root, 'out'), scratchDir: path.join(root, 'scratch') };
    for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true, mode: 0o700 });
    return folders;
  }

  /** Alone in its folder and under a name of ours: engines read neighbours, and names can be options. */
  fetch(input: ClaimInput, index: number, folders: RunFolders): Promise<string> {
    return inSpan('blob.fetch', { attributes: { 'file.size': input.size } }, () => this.fetched(input, index, folders));
  }

  private async fetched(input: ClaimInput, index: number, { inDir }: RunFolders): Promise<string> {
    const folder = path.join(inDir, String(index));
    const file = path.join(folder, `input.${input.type ?? 'bin'}`);
    await mkdir(folder, { mode: 0o700 });
    const local = this.blobs.localPath?.(input.blob);
    if (local && (await linked(local, file))) return file;
    const { stream } = await this.blobs.open(input.blob);
    await pipeline(stream, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
    return file;
  }

  store(task: string, run: string, output: LocalOutput, index: number): Promise<FileRef> {
    return storing(() => this.stored(task, run, output, index));
  }

  private async stored(task: string, run: string, output: LocalOutput, index: number): Promise<FileRef> {
    const found = await lstat(output.path).catch(() => undefined);
    if (!found?.isFile() || found.size === 0) throw new Failure('ENGINE_CRASHED', 'The engine produced no output');
    const type = await typeOf(output.path);
    if (output.expect !== undefined && type !== extOf(`x.${output.expect}`)) throw new Failure('ENGINE_CRASHED', `The engine did not produce a valid ${output.expect} file`);
    return fileRef(await this.blobs.putFile(keyOf(task, run, index), output.path), output.filename, type);
  }

  put(task: string, run: string, filename: string, source: Readable, index: number, options: { maxBytes?: number; signal: AbortSignal }): Promise<FileRef> {
    return storing(() => this.streamed(task, run, filename, source, index, options));
  }

  private async streamed(task: string, run: string, filename: string, source: Readable, index: number, options: { maxBytes?: number; signal: AbortSignal }): Promise<FileRef> {
    const tap = new HeadTap(SNIFF_BYTES);
    // The error of either stream reaches `put` through the tap, which destroys the source with it. The copy then says only that
    // it was aborted, so that the answer of `put` counts; and both are waited for, since `put` has to clean up.
    const copying = pipeline(source, tap);
    const [putting, copied] = await Promise.allSettled([this.blobs.put(keyOf(task, run, index), tap, options), copying]);
    if (putting.status === 'rejected') throw putting.reason;
    if (copied.status === 'rejected') throw copied.reason;
    return fileRef(putting.value, filename, sniff(tap.head)?.ext);
  }

  async readList(key: string): Promise<unknown> {
    return json((await this.blobs.open(key)).stream);
  }

  async writeList(key: string, list: unknown): Promise<void> {
    await this.blobs.put(key, Readable.from([JSON.stringify(list)]));
  }

  async close({ inDir }: RunFolders): Promise<void> {
    await rm(path.dirname(inDir), { recursive: true, force: true });
  }
}

const storing = (work: () => Promise<FileRef>): Promise<FileRef> =>
  inSpan('blob.store', {}, async (span) => {
    const file = await work();
    span.set({ 'file.size': file.size });
    return file;
  });

const keyOf = (task: string, run: string, index: number): string => `${task}/${run}/${index}`;

/** False where the file system cannot link: then it is copied. The jail binds inputs read-only, so the blob stays what it is. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EXDEV' || code === 'EPERM' || code === 'EMLINK' || code === 'ENOTSUP') return false;
    if (code === 'ENOENT') throw new Failure('BLOB_NOT_FOUND', 'An input file is gone', { cause: error });
    throw error;
  }
}

async function typeOf(file: string): Promise<string | undefined> {
  const handle = await open(file);
  try {
    const head = Buffer.alloc(SNIFF_BYTES);
    const { bytesRead } = await handle.read(head, 0, SNIFF_BYTES, 0);
    return sniff(head.subarray(0, bytesRead))?.ext;
  } finally {
    await handle.close();
  }
}

function fileRef({ key, size, md5, sha256 }: BlobStat, filename: string, type: string | undefined): FileRef {
  const name = cleanFilename(filename);
  return { blob: key, name, size, md5, sha256, ...(type && { type }), mime: mimeOf(type ?? extOf(name)) };
}
