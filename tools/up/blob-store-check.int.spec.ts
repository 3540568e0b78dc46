import { startSwift, type RunningSwift } from '@millrace/testing';
import { checkBlobStore } from './blob-store-check';
import { Refusal } from './invocation';
import type { Installation } from './service-env';

let swift: RunningSwift;
beforeAll(async () => {
  swift = await startSwift();
  await swift.createBucket('files');
}, 90_000);
afterAll(() => swift.stop());

const check = (passed: Record<string, string>): Promise<void> => checkBlobStore({ settings: { passed }, dataDir: { blobs: '/nowhere' } } as unknown as Installation);
const s3 = (over: Record<string, string> = {}): Record<string, string> => ({
  BLOB_STORE: 's3',
  S3_ENDPOINT: swift.endpoint,
  S3_BUCKET: 'files',
  S3_FORCE_PATH_STYLE: 'on',
  S3_ACCESS_KEY_ID: swift.accessKeyId,
  S3_SECRET_ACCESS_KEY: swift.secretAccessKey,
  ...over,
});

it('a folder, and a bucket that is there, can be used', async () => {
  await check({});
  await check(s3());
});

it('says what is wrong before anything is started', async () => {
  const refused = async (passed: Record<string, string>): Promise<string> => {
    const error: unknown = await check(passed).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Refusal);
    return (error as Refusal).message;
  };
  expect(await refused({ BLOB_STORE: 's3' })).toMatch(/^The configuration is not valid:\n  S3_BUCKET is not set/);
  expect(await refused(s3({ S3_BUCKET: 'nowhere' }))).toMatch(/^The bucket nowhere at .*: there is no such bucket\. See the S3_ variables/);
  const wrongKey = await refused(s3({ S3_SECRET_ACCESS_KEY: 'wrong-secret' }));
  expect(wrongKey).toContain('the keys give no access to it');
  expect(wrongKey).not.toContain('wrong-secret');
});
