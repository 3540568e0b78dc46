import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import type { BlobStat } from '../blob-store';
import type { Digests } from '../hashed-source';

/** The object under a blob's key: the blob exists when it does. */
export interface Head {
  readonly stat: BlobStat;
  /** Id of the object that holds the bytes; undefined: they are in the head itself. */
  readonly data?: string;
}

/** What a head says about its blob, as metadata of the object: ASCII, which a key is not. */
export function headMetadata({ md5, sha256 }: Digests, elsewhere?: { size: number; data: string }): Record<string, string> {
  return { md5, sha256, ...(elsewhere && { size: String(elsewhere.size), data: elsewhere.data }) };
}

/** Throws Error for an object that is no head. */
export function readHead(key: string, { Metadata: { md5, sha256, size, data } = {}, ContentLength, LastModified }: HeadObjectCommandOutput): Head {
  if (!md5 || !sha256 || LastModified === undefined) throw new Error(`the object of ${key} was not written by this store`);
  return { stat: { key, size: data ? Number(size) : (ContentLength ?? 0), md5, sha256, modifiedAt: LastModified }, ...(data && { data }) };
}
