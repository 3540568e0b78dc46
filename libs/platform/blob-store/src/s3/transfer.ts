import type { Readable } from 'node:stream';
import { notFound } from '../failures';
import { isMissing } from './answers';
import type { Bucket } from './bucket';
import type { S3Tuning } from './settings';

/** S3's bound for one upload. */
const PARTS = 10_000;
const COPIES_AT_A_TIME = 4;

/** Streams `body` to a new object, of `maxBytes` at most. What a failure leaves is for `discard`. */
export async function upload(bucket: Bucket, object: string, body: Readable, maxBytes: number, { partBytes, partsAtATime }: S3Tuning): Promise<void> {
  const { client, Upload } = await bucket.connection();
  const partSize = Number.isFinite(maxBytes) ? Math.max(partBytes, Math.ceil(maxBytes / PARTS)) : partBytes;
  // Not by its own abort: that rejects while parts are still on their way, and those would outlive the clean-up.
  await new Upload({ client, queueSize: partsAtATime, partSize, params: { Bucket: bucket.name, Key: object, Body: body } }).done();
}

/** Copies within the bucket, in parts when it is large. Throws BLOB_NOT_FOUND when `from` is not there. */
export async function copy(bucket: Bucket, from: string, to: string, size: number, { copyBytes }: S3Tuning): Promise<void> {
  try {
    if (size > copyBytes) await copyInParts(bucket, from, to, size, Math.max(copyBytes, Math.ceil(size / PARTS)));
    else await copyWhole(bucket, from, to);
  } catch (error) {
    throw isMissing(error) ? notFound(error) : error;
  }
}

/** Removes what an upload or copy to `object` may have left. */
export async function discard(bucket: Bucket, object: string): Promise<void> {
  for await (const { object: begun, id } of bucket.uploads(object)) await bucket.abort(begun, id);
  await bucket.remove(object);
}

const sourceOf = (bucket: Bucket, object: string): string => `${bucket.name}/${object.split('/').map(encodeURIComponent).join('/')}`;

async function copyWhole(bucket: Bucket, from: string, to: string): Promise<void> {
  const { client, sdk } = await bucket.connection();
  await client.send(new sdk.CopyObjectCommand({ Bucket: bucket.name, Key: to, CopySource: sourceOf(bucket, from) }));
}

async function copyInParts(bucket: Bucket, from: string, to: string, size: number, partBytes: number): Promise<void> {
  const { client, sdk } = await bucket.connection();
  const at = { Bucket: bucket.name, Key: to };
  const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand(at));
  const parts: { PartNumber: number; ETag: string | undefined }[] = [];
  let next = 0;
  const copier = async (): Promise<void> => {
    for (let index = next++; index * partBytes < size; index = next++) {
      const last = Math.min((index + 1) * partBytes, size) - 1;
      const part = { ...at, UploadId, PartNumber: index + 1, CopySource: sourceOf(bucket, from), CopySourceRange: `bytes=${index * partBytes}-${last}` };
      const { CopyPartResult } = await client.send(new sdk.UploadPartCopyCommand(part));
      parts[index] = { PartNumber: index + 1, ETag: CopyPartResult?.ETag };
    }
  };
  // All are waited for, also when one fails: a part that arrives after the abort would stay.
  const ended = await Promise.allSettled(Array.from({ length: COPIES_AT_A_TIME }, copier));
  const failed = ended.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
  await client.send(new sdk.CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts: parts } }));
}
