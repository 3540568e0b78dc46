import type { Readable } from 'node:stream';

/** What is known of a stored blob. */
export interface BlobStat {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex. */
  readonly md5: string;
  /** Lower-case hex. */
  readonly sha256: string;
  /** When this key came to be, also for a linked one. */
  readonly modifiedAt: Date;
}

/** One line of a listing. */
export type BlobEntry = Pick<BlobStat, 'key' | 'size' | 'modifiedAt'>;

export interface PutOptions {
  /** A hint for stores that keep one; the fs store does not. */
  readonly contentType?: string;
  /** Ends the put; it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** The most bytes that are accepted. */
  readonly maxBytes?: number;
}

/** Bytes `start` to `end`, both inclusive and counted from 0, as in an HTTP range. */
export interface ByteRange {
  readonly start?: number;
  /** Beyond the last byte means the last byte. */
  readonly end?: number;
}

/**
 * Where files live. A blob is complete or absent, survives a crash once its put resolved, and never changes: **the first complete
 * write of a key wins**, later ones leave it alone and are answered with what is stored, so that no late writer alters what was
 * reported. Keys are `<task>/<run>/<name>`, see `checkKey`. `describeBlobStore` in conformance.ts holds every adapter to this page.
 *
 * Failures: INVALID_DATA for a bad key or range, BLOB_NOT_FOUND, LIMIT_EXCEEDED (`maxBytes`), SERVICE_UNAVAILABLE when the storage
 * itself fails (disk full, no permission). An error of the source stream and the reason of an abort pass through as they are.
 */
export interface BlobStore {
  /** Stores `source` to its end. On any failure nothing is left and `source` is destroyed. */
  put(key: string, source: Readable, options?: PutOptions): Promise<BlobStat>;
  /** Stores a copy of a regular local file, which stays. A symbolic link or device is refused with INVALID_INPUT: outputs of engines are not trusted. */
  putFile(key: string, path: string, options?: Omit<PutOptions, 'contentType'>): Promise<BlobStat>;
  /** The bytes of a blob or of a range of it. The caller reads the stream to its end or destroys it; a removal meanwhile does not cut it. */
  open(key: string, range?: ByteRange): Promise<{ stream: Readable; stat: BlobStat }>;
  stat(key: string): Promise<BlobStat | undefined>;
  /** Makes `to` the same bytes as `from` without copying where the store can. CONFLICT when `to` holds other bytes already. */
  link(from: string, to: string): Promise<void>;
  /** Blobs whose key begins with `prefix`, in the order of their keys' UTF-8 bytes, beginning behind `after`, `limit` at most. */
  list(prefix: string, page?: { readonly after?: string; readonly limit?: number }): AsyncIterable<BlobEntry>;
  /** Removes a blob; also fine when there is none. */
  remove(key: string): Promise<void>;
  /**
   * Capability of stores on a local file system: the path of a blob's file, to be hard-linked or bound **read-only** instead of copied.
   * Undefined when there is no such blob. The file is the blob: who writes to it breaks it.
   */
  localPath?(key: string): string | undefined;
  /** Capability of stores elsewhere: rejects with SERVICE_UNAVAILABLE, whose cause says why, while the store cannot be used. */
  check?(): Promise<void>;
  /** Removes what writers that died before `before` left half-written; returns how many. Choose it older than the longest pause of a live upload. */
  removeAbandoned?(before: Date): Promise<number>;
}
