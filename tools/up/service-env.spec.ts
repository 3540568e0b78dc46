import { createHash } from 'node:crypto';
import type { Installation } from './service-env';
import { serviceEnv } from './service-env';
import { SERVICES } from './services';

const S3 = { BLOB_STORE: 's3', S3_BUCKET: 'files', S3_SECRET_ACCESS_KEY: createHash('md5').update('key').digest('hex') };
const installation = {
  settings: { host: '127.0.0.1', passed: { ...S3, LOG_LEVEL: 'warn' } },
  state: { natsPasswords: {}, masterKey: 'k', urlSigningSecret: 's' },
  dataDir: { blobs: '/data/blobs', scratch: '/data/scratch' },
} as unknown as Installation;

it('only services that open the blob store know its keys', () => {
  const knowing = SERVICES.filter((service) => 'S3_SECRET_ACCESS_KEY' in serviceEnv(service, { index: 0, port: 1 }, installation)).map(({ name }) => name);
  expect(knowing).toEqual(['api-gateway', 'job-orchestrator', 'import-service', 'engine-ffmpeg', 'engine-office', 'export-service']);
  for (const service of SERVICES) {
    const env = serviceEnv(service, { index: 0, port: 1 }, installation);
    expect(env['LOG_LEVEL']).toBe('warn');
    expect(env).toMatchObject(service.blobs ? { ...S3, BLOB_DIR: '/data/blobs' } : {});
    if (!service.blobs) expect(Object.keys(env).filter((name) => /BLOB|S3_/.test(name))).toEqual([]);
  }
});
