import { boolean, type Secret, secret } from '@millrace/config';
import { z } from 'zod';
import type { S3Settings } from './s3/settings';

/** Where the blobs are. */
export type BlobStoreSettings = { readonly kind: 'fs'; readonly dir: string } | ({ readonly kind: 's3' } & S3Settings);

/** Variables of every service that opens the blob store; `blobStoreProblems` checks what belongs together. */
export const blobStoreVariables = {
  BLOB_STORE: z.enum(['fs', 's3']).default('fs'),
  BLOB_DIR: z.string().meta({ example: '/var/lib/millrace/blobs' }).optional(),
  S3_ENDPOINT: z.url({ protocol: /^https?$/ }).meta({ example: 'https://s3.example.com' }).optional(),
  S3_REGION: z.string().default('us-east-1'),
  S3_BUCKET: z.string().meta({ example: 'millrace' }).optional(),
  /** S3's names have 1,024 bytes at most; ours take up to 811, and some servers put 60 behind those of parts. */
  S3_PREFIX: z.string().regex(/^([\w.-]+(\/[\w.-]+)*)?$/, 'has other characters than letters, digits, ".", "_", "-" and "/" between them').max(150).meta({ example: 'millrace/production' }).default(''),
  S3_ACCESS_KEY_ID: z.string().meta({ example: 'AKIAIOSFODNN7EXAMPLE' }).optional(),
  S3_SECRET_ACCESS_KEY: secret({ example: 'the secret key that belongs to S3_ACCESS_KEY_ID' }).optional(),
  /** http://endpoint/bucket/key instead of http://bucket.endpoint/key. */
  S3_FORCE_PATH_STYLE: boolean('off'),
  S3_CHECKSUMS: z.enum(['when_required', 'when_supported']).default('when_required'),
};

type Variables = z.output<z.ZodObject<typeof blobStoreVariables>>;

/** To be called by `superRefine` of a schema that holds the variables: names each one that is missing. */
export function blobStoreProblems(env: Variables, context: z.RefinementCtx): void {
  const missing = (variable: keyof Variables, why: string): void => context.addIssue({ code: 'custom', path: [variable], message: `is not set, but ${why}` });
  if (env.BLOB_STORE === 'fs' && env.BLOB_DIR === undefined) missing('BLOB_DIR', 'BLOB_STORE is fs');
  if (env.BLOB_STORE === 's3' && env.S3_BUCKET === undefined) missing('S3_BUCKET', 'BLOB_STORE is s3');
  if (env.S3_ACCESS_KEY_ID === undefined && env.S3_SECRET_ACCESS_KEY !== undefined) missing('S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY is');
  if (env.S3_ACCESS_KEY_ID !== undefined && env.S3_SECRET_ACCESS_KEY === undefined) missing('S3_SECRET_ACCESS_KEY', 'S3_ACCESS_KEY_ID is');
}

/** The store that checked variables name. */
export function blobStoreSettings(env: Variables): BlobStoreSettings {
  if (env.BLOB_STORE === 'fs') return { kind: 'fs', dir: env.BLOB_DIR ?? '' };
  const credentials = env.S3_ACCESS_KEY_ID && { accessKeyId: env.S3_ACCESS_KEY_ID, secretAccessKey: env.S3_SECRET_ACCESS_KEY as Secret };
  return {
    kind: 's3',
    ...(env.S3_ENDPOINT !== undefined && { endpoint: env.S3_ENDPOINT }),
    region: env.S3_REGION,
    bucket: env.S3_BUCKET ?? '',
    prefix: env.S3_PREFIX,
    ...(credentials && { credentials }),
    forcePathStyle: env.S3_FORCE_PATH_STYLE,
    checksums: env.S3_CHECKSUMS,
  };
}
