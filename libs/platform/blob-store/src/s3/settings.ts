import type { Secret } from '@millrace/config';

/** Where an S3 store is. */
export interface S3Settings {
  /** Undefined: AWS's own for the region. */
  readonly endpoint?: string;
  readonly region: string;
  readonly bucket: string;
  /** Keys begin with it, to share a bucket; without slashes at its ends, may be empty. */
  readonly prefix: string;
  /** Undefined: what the SDK finds by itself, such as the role of the machine. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: Secret };
  /** `http://endpoint/bucket/key` instead of `http://bucket.endpoint/key`. */
  readonly forcePathStyle: boolean;
  /** Whether uploads carry and downloads check the SDK's checksums where the server need not have them; many servers refuse them. */
  readonly checksums: 'when_required' | 'when_supported';
}

/** Sizes, in bytes where not said otherwise; tests make them small. */
export interface S3Tuning {
  /** Blobs up to this size are one object; it is held in memory while a put reads. */
  readonly inlineBytes: number;
  /** Of an upload in parts; S3's least. It grows with `maxBytes`, since an upload has 10,000 parts at most. */
  readonly partBytes: number;
  /** Parts of one upload that are sent at a time; as many again may be waiting in memory. */
  readonly partsAtATime: number;
  /** A copy of more is made in parts of this size, so that no request lasts long. 5 GB at most. */
  readonly copyBytes: number;
  /** Objects of one listing, 1,000 at most. */
  readonly pageObjects: number;
}

const MB = 1024 ** 2;
export const S3_TUNING: S3Tuning = { inlineBytes: MB, partBytes: 5 * MB, partsAtATime: 2, copyBytes: 256 * MB, pageObjects: 1_000 };
