import { readdirSync } from 'node:fs';
import { link, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { Failure } from '@millrace/failures';
import type { BlobEntry, BlobStat, BlobStore, ByteRange, PutOptions } from './blob-store';
import { hasCode, notFound, onStorage, storageFailure } from './failures';
import { type Digests, HashedSource } from './hashed-source';
import { checkKey } from './key';
import { walk } from './listing';
import { clampRange } from './range';
import { openRegular } from './regular-file';
import { namesIn, newStaging, PART, publish, removeStale, syncDir, unpublish } from './staging';
import { writeHashed } from './write';

export interface FsBlobStoreOptions {
  /** Mode of new files. Default 0600. */
  readonly fileMode?: number;
  /** Mode of new folders, less the umask. Default 0700. */
  readonly dirMode?: number;
}

/** With what a local store can do beside. */
export type FsBlobStore = BlobStore & Required<Pick<BlobStore, 'localPath' | 'removeAbandoned'>>;

const DIGESTS = /^([0-9a-f]{32})\.([0-9a-f]{64})$/;
/** EMLINK: ext4 knows 65,000 names of a file. EXDEV, EPERM, ENOTSUP: a mount that cannot link. Then bytes are copied. */
const CANNOT_LINK = ['EMLINK', 'EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP'];

/**
 * Blobs on a local or mounted file system. A blob is the folder `blobs/<task>/<run>/<name>` with one file named
 * `<md5>.<sha256>`; it is written in `.tmp`, flushed, and appears by one rename of the folder, digests and bytes together. Both
 * folders must lie on one file system. Every process that uses the store runs as the same user, since folders are 0700 and files
 * 0600 unless the options say otherwise.
 */
export function createFsBlobStore(rootDir: string, { fileMode = 0o600, dirMode = 0o700 }: FsBlobStoreOptions = {}): FsBlobStore {
  const root = path.resolve(rootDir, 'blobs');
  const tmp = path.resolve(rootDir, '.tmp');
  return new FsStore(root, tmp, fileMode, dirMode);
}

class FsStore implements FsBlobStore {
  constructor(
    private readonly root: string,
    private readonly tmp: string,
    private readonly fileMode: number,
    private readonly dirMode: number,
  ) {}

  async put(key: string, source: Readable, options: PutOptions = {}): Promise<BlobStat> {
    const hashed = new HashedSource(source, options);
    try {
      const target = this.folder(key);
      options.signal?.throwIfAborted();
      return await this.stage(key, target, (staging) => this.write(staging, hashed));
    } catch (error) {
      source.destroy();
      throw error;
    }
  }

  async putFile(key: string, file: string, options: Omit<PutOptions, 'contentType'> = {}): Promise<BlobStat> {
    checkKey(key);
    const handle = await openRegular(file);
    return this.put(key, handle.createReadStream(), options);
  }

  async open(key: string, range: ByteRange = {}): Promise<{ stream: Readable; stat: BlobStat }> {
    const folder = this.folder(key);
    return onStorage(async () => {
      const [found, handle] = await this.openFile(key, folder);
      try {
        return { stream: handle.createReadStream(clampRange(range, found.size)), stat: found };
      } catch (error) {
        await handle.close();
        throw error;
      }
    });
  }

  async stat(key: string): Promise<BlobStat | undefined> {
    const folder = this.folder(key);
    return onStorage(() => this.statFolder(key, folder));
  }

  async link(from: string, to: string): Promise<void> {
    const [source, target] = [this.folder(from), this.folder(to)];
    const found = await onStorage(() => this.statFolder(from, source));
    if (!found) throw notFound();
    const file = path.join(source, fileName(found));
    const linked = await this.stage(to, target, async (staging) => {
      try {
        await link(file, path.join(staging, fileName(found)));
        return found;
      } catch (error) {
        if (hasCode(error, 'ENOENT')) throw notFound(error);
        if (!hasCode(error, ...CANNOT_LINK)) throw storageFailure(error);
        const { stream } = await this.open(from);
        return this.write(staging, new HashedSource(stream, {}));
      }
    });
    if (linked.sha256 !== found.sha256) throw new Failure('CONFLICT', 'Another file is stored under this name already.');
  }

  async *list(prefix: string, { after = '', limit = Infinity }: { after?: string; limit?: number } = {}): AsyncGenerator<BlobEntry> {
    try {
      yield* walk(this.root, prefix, after, limit, (key) => this.statFolder(key, this.folder(key)));
    } catch (error) {
      throw storageFailure(error);
    }
  }

  async remove(key: string): Promise<void> {
    const folder = this.folder(key);
    await onStorage(() => unpublish(folder, this.tmp, this.root, this.dirMode));
  }

  localPath(key: string): string | undefined {
    const folder = this.folder(key);
    try {
      const name = readdirSync(folder).find((entry) => DIGESTS.test(entry));
      return name && path.join(folder, name);
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
      throw storageFailure(error);
    }
  }

  async removeAbandoned(before: Date): Promise<number> {
    return onStorage(() => removeStale(this.tmp, before));
  }

  private folder(key: string): string {
    return path.join(this.root, ...checkKey(key));
  }

  /** Fills a staging folder, makes it durable and publishes it, or leaves nothing. Answers with what is stored, whoever wrote it. */
  private async stage(key: string, target: string, fill: (staging: string) => Promise<Digests>): Promise<BlobStat> {
    const staging = await onStorage(() => newStaging(this.tmp, this.dirMode));
    try {
      await fill(staging);
      return await onStorage(async () => {
        await syncDir(staging);
        for (let attempt = 0; attempt < 50; attempt += 1) {
          const published = await publish(staging, target, this.root, this.dirMode);
          const found = await this.statFolder(key, target);
          // Absent: removed since. After our own publish that is the remover's will, else the place is free again.
          if (found) return found;
          if (published) throw notFound();
        }
        throw new Error(`${key} is written and removed over and over`);
      });
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }

  private async write(staging: string, source: HashedSource): Promise<Digests> {
    const part = path.join(staging, PART);
    const handle = await onStorage(() => open(part, 'wx', this.fileMode));
    let digests: Digests;
    try {
      digests = await writeHashed(handle, source);
      await onStorage(async () => {
        await handle.chmod(this.fileMode);
        await handle.sync();
      });
    } finally {
      await handle.close();
    }
    await onStorage(() => rename(part, path.join(staging, fileName(digests))));
    return digests;
  }

  private async statFolder(key: string, folder: string): Promise<BlobStat | undefined> {
    const [, md5, sha256] = (await namesIn(folder)).map((name) => DIGESTS.exec(name)).find((match) => match !== null) ?? [];
    if (!md5 || !sha256) return undefined;
    try {
      const [file, { mtimeMs }] = await Promise.all([stat(path.join(folder, fileName({ md5, sha256 }))), stat(folder)]);
      // The folder's time: a link shares its file's, and a sweeper would take it for old.
      return { key, size: file.size, md5, sha256, modifiedAt: new Date(mtimeMs) };
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  private async openFile(key: string, folder: string): Promise<[BlobStat, FileHandle]> {
    const found = await this.statFolder(key, folder);
    if (!found) throw notFound();
    try {
      return [found, await open(path.join(folder, fileName(found)), 'r')];
    } catch (error) {
      throw hasCode(error, 'ENOENT') ? notFound(error) : error;
    }
  }
}

function fileName({ md5, sha256 }: Digests): string {
  return `${md5}.${sha256}`;
}
