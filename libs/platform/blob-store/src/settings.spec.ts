import { loadConfig } from '@millrace/config';
import { z } from 'zod';
import { blobStoreProblems, blobStoreSettings, blobStoreVariables } from './settings';

const read = (env: Record<string, string>) => blobStoreSettings(loadConfig(z.object(blobStoreVariables).superRefine(blobStoreProblems), env));

it('a folder is the default, and has to be named', () => {
  expect(read({ BLOB_DIR: '/blobs' })).toEqual({ kind: 'fs', dir: '/blobs' });
  expect(() => read({})).toThrow(/BLOB_DIR is not set/);
});

it('s3 needs a bucket; the rest has defaults', () => {
  expect(read({ BLOB_STORE: 's3', S3_BUCKET: 'b' })).toEqual({ kind: 's3', bucket: 'b', region: 'us-east-1', prefix: '', forcePathStyle: false, checksums: 'when_required' });
  expect(() => read({ BLOB_STORE: 's3' })).toThrow(/S3_BUCKET is not set/);
});

it('takes all of it, and prints no secret', () => {
  const settings = read({ BLOB_STORE: 's3', S3_BUCKET: 'b', S3_ENDPOINT: 'http://10.0.0.1:9000', S3_REGION: 'eu', S3_PREFIX: 'a/b', S3_ACCESS_KEY_ID: 'id', S3_SECRET_ACCESS_KEY: 'hidden-key', S3_FORCE_PATH_STYLE: 'on', S3_CHECKSUMS: 'when_supported' });
  expect(settings).toMatchObject({ endpoint: 'http://10.0.0.1:9000', region: 'eu', prefix: 'a/b', credentials: { accessKeyId: 'id' }, forcePathStyle: true, checksums: 'when_supported' });
  expect(JSON.stringify(settings)).not.toContain('hidden-key');
  expect(settings.kind === 's3' && settings.credentials?.secretAccessKey.reveal()).toBe('hidden-key');
});

it.each([
  [{ S3_ACCESS_KEY_ID: 'id' }, /S3_SECRET_ACCESS_KEY is not set/],
  [{ S3_SECRET_ACCESS_KEY: 'secret' }, /S3_ACCESS_KEY_ID is not set/],
  [{ S3_PREFIX: '/a/' }, /S3_PREFIX/],
  [{ S3_PREFIX: 'a//b' }, /S3_PREFIX/],
  [{ S3_ENDPOINT: 'ftp://nowhere' }, /S3_ENDPOINT/],
  [{ S3_CHECKSUMS: 'never' }, /S3_CHECKSUMS is not one of when_required, when_supported/],
  [{ BLOB_STORE: 'tape' }, /BLOB_STORE is not one of fs, s3/],
])('refuses %j', (env, message) => {
  expect(() => read({ BLOB_STORE: 's3', S3_BUCKET: 'b', BLOB_DIR: '/blobs', ...env })).toThrow(message);
});
