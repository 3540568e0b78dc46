import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { Failure } from '@millrace/failures';
import type { BlobEntry, BlobStat, BlobStore, ByteRange, PutOptions } from '../blob-store';
import { notFound, onStorage, storageFailure } from '../failures';
import { HashedSource } from '../hashed-source';
import { checkKey, checkPrefix } from '../key';
import { clampRange } from '../range';
import { openRegular } from '../regular-file';
import { beginning, bodyStream, joined } from './body';
import { Bucket, type Listed } from './bucket';
import { type Head, headMetadata } from './head';
import { Layout } from './layout';
import { S3_TUNING, type S3Settings, type S3Tuning } from './settings';
import { copy, discard, upload } from './transfer';
import { Turns } from './turns';

const NOTHING = Buffer.alloc(0);
const HEADS_AT_A_TIME = 16;

/** What the fs store has beside the port, this one lacks: files have no local path. */
type S3BlobStore = BlobStore & Required<Pick<BlobStore, 'check' | 'removeAbandoned'>>;

/**
 * Blobs in a bucket of any server that speaks S3. A blob is one small object, its head, with the digests as metadata: it holds the
 * bytes of a small blob and names the object that holds those of a large one. Heads appear whole, in one request, after everything
 * else, so a blob is complete or absent and digests need not be known before the bytes were sent.
 *
 * The first write of a key wins by `If-None-Match` where the server has it. Where it has not, writers look first: within one process
 * they take turns, and two processes that write one key in the same moment may both be told that they won; runs make their keys unique.
 * The bucket must exist. A server may cut a download whose blob is removed meanwhile.
 */
export function createS3BlobStore(settings: S3Settings, tuning: Partial<S3Tuning> = {}): S3BlobStore {
  const whole = { ...S3_TUNING, ...tuning };
  return new S3Store(new Bucket(settings, whole.pageObjects), new Layout(settings.prefix), whole);
}

class S3Store implements S3BlobStore {
  private readonly turns = new Turns();

  constructor(
    private readonly bucket: Bucket,
    private readonly layout: Layout,
    private readonly tuning: S3Tuning,
  ) {}

  async check(): Promise<void> {
    await onStorage(async () => void (await this.bucket.connection()));
  }

  async put(key: string, source: Readable, options: PutOptions = {}): Promise<BlobStat> {
    const hashed = new HashedSource(source, options);
    try {
      checkKey(key);
      const chunks = hashed.chunks();
      const { start, ended } = await beginning(chunks, this.tuning.inlineBytes);
      if (!ended) return await this.putLarge(key, hashed, joined(start, chunks), options);
      return (await this.publish(key, start, headMetadata(hashed.digests()), options.contentType)).stat;
    } catch (error) {
      throw hashed.failure ?? storageFailure(error);
    } finally {
      hashed.destroy();
    }
  }

  async putFile(key: string, file: string, options: Omit<PutOptions, 'contentType'> = {}): Promise<BlobStat> {
    checkKey(key);
    const handle = await openRegular(file);
    return this.put(key, handle.createReadStream(), options);
  }

  async open(key: string, range: ByteRange = {}): Promise<{ stream: Readable; stat: BlobStat }> {
    checkKey(key);
    return onStorage(async () => {
      const head = await this.head(key);
      if (!head) throw notFound();
      const { start, end } = clampRange(range, head.stat.size);
      const body = await this.bucket.get(this.bytesOf(key, head), end === undefined && start === 0 ? undefined : `bytes=${start}-${end ?? ''}`);
      if (!body) throw notFound();
      return { stream: bodyStream(body), stat: head.stat };
    });
  }

  async stat(key: string): Promise<BlobStat | undefined> {
    checkKey(key);
    return onStorage(async () => (await this.head(key))?.stat);
  }

  async link(from: string, to: string): Promise<void> {
    checkKey(from);
    checkKey(to);
    const linked = await onStorage(async () => {
      const origin = await this.head(from);
      if (!origin) throw notFound();
      const present = await this.head(to);
      return (present ?? (await this.copyTo(to, from, origin))).stat.sha256 === origin.stat.sha256;
    });
    if (!linked) throw new Failure('CONFLICT', 'Another file is stored under this name already.');
  }

  async *list(prefix: string, { after = '', limit = Infinity }: { after?: string; limit?: number } = {}): AsyncGenerator<BlobEntry> {
    checkPrefix(prefix);
    try {
      for await (const page of this.bucket.list(this.layout.head(prefix), after && this.layout.head(after), limit)) {
        for (let at = 0; at < page.length; at += HEADS_AT_A_TIME) {
          const entries = await Promise.all(page.slice(at, at + HEADS_AT_A_TIME).map((listed) => this.entry(listed)));
          yield* entries.filter((entry) => entry !== undefined);
        }
      }
    } catch (error) {
      throw storageFailure(error);
    }
  }

  async remove(key: string): Promise<void> {
    checkKey(key);
    await onStorage(() =>
      this.turns.take(key, async () => {
        const head = await this.head(key);
        if (!head) return;
        await this.bucket.remove(this.layout.head(key));
        if (head.data) await this.bucket.remove(this.layout.data(key, head.data));
      }),
    );
  }

  async removeAbandoned(before: Date): Promise<number> {
    return onStorage(async () => {
      let removed = 0;
      for await (const { object, id, begunAt } of this.bucket.uploads(this.layout.bytes)) {
        if (begunAt >= before) continue;
        await this.bucket.abort(object, id);
        removed += 1;
      }
      for await (const page of this.bucket.list(this.layout.bytes)) {
        for (const { object, modifiedAt } of page) {
          const { key, id } = this.layout.keyOfData(object);
          if (modifiedAt >= before || (await this.head(key))?.data === id) continue;
          await this.bucket.remove(object);
          removed += 1;
        }
      }
      return removed;
    });
  }

  private head(key: string): Promise<Head | undefined> {
    return this.bucket.head(this.layout.head(key), key);
  }

  /** Undefined when it was removed meanwhile. */
  private async entry({ object, size, modifiedAt }: Listed): Promise<BlobEntry | undefined> {
    const key = this.layout.keyOfHead(object);
    if (size > 0) return { key, size, modifiedAt };
    // The head of a large blob is an empty object.
    const head = await this.head(key);
    return head && { key, size: head.stat.size, modifiedAt };
  }

  private bytesOf(key: string, { data }: Head): string {
    return data ? this.layout.data(key, data) : this.layout.head(key);
  }

  private async putLarge(key: string, hashed: HashedSource, chunks: AsyncGenerator<Uint8Array>, { maxBytes = Infinity, contentType }: PutOptions): Promise<BlobStat> {
    const data = randomUUID();
    const body = Readable.from(chunks, { objectMode: false });
    await this.orDiscard(this.layout.data(key, data), (object) => upload(this.bucket, object, body, maxBytes, this.tuning));
    return (await this.name(key, data, headMetadata(hashed.digests(), { size: hashed.size, data }), contentType)).stat;
  }

  private async copyTo(to: string, from: string, origin: Head): Promise<Head> {
    const { stat } = origin;
    const data = randomUUID();
    await this.orDiscard(this.layout.data(to, data), (object) => copy(this.bucket, this.bytesOf(from, origin), object, stat.size, this.tuning));
    return this.name(to, data, headMetadata(stat, { size: stat.size, data }));
  }

  /** Bytes that no head can name yet go when their transfer fails. */
  private async orDiscard(object: string, transfer: (object: string) => Promise<void>): Promise<void> {
    try {
      await transfer(object);
    } catch (error) {
      // The transfer's error counts; what a storage that fails twice keeps is found by removeAbandoned.
      await discard(this.bucket, object).catch(() => undefined);
      throw error;
    }
  }

  /** Publishes a head that names `data`, and removes that when another head was there. After a failure it stays: the head may have been written all the same. */
  private async name(key: string, data: string, metadata: Record<string, string>, contentType?: string): Promise<Head> {
    const head = await this.publish(key, NOTHING, metadata, contentType);
    if (head.data !== data) await this.bucket.remove(this.layout.data(key, data));
    return head;
  }

  /** Writes a head unless there is one; answers the one that is there then. */
  private async publish(key: string, body: Buffer, metadata: Record<string, string>, contentType: string | undefined): Promise<Head> {
    return this.turns.take(key, async () => {
      const present = await this.head(key);
      if (present) return present;
      await this.bucket.putNew(this.layout.head(key), body, metadata, contentType);
      const written = await this.head(key);
      if (!written) throw notFound();
      return written;
    });
  }
}
