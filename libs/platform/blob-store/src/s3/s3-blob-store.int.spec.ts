import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { CreateMultipartUploadCommand, HeadObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { Secret } from '@millrace/config';
import { type RunningSwift, startSwift } from '@millrace/testing';
import type { BlobStore } from '../blob-store';
import { describeBlobStore, type StoreUnderTest } from '../conformance';
import { createS3BlobStore } from './s3-blob-store';
import type { S3Settings, S3Tuning } from './settings';

const BUCKET = 'files';
const MB = 1024 ** 2;
/** A dozen parts; 5 GB shows nothing more of the store, Swift takes minutes for it. */
const BIG_BYTES = Number(process.env.MILLRACE_TEST_BIG_BLOB ?? 64 * MB);

jest.setTimeout(120_000);

let swift: RunningSwift;

beforeAll(async () => {
  swift = await startSwift();
  await swift.createBucket(BUCKET);
});
afterAll(() => swift.stop());

const settings = (over: Partial<S3Settings> = {}): S3Settings => ({
  endpoint: swift.endpoint,
  region: 'us-east-1',
  bucket: BUCKET,
  prefix: randomUUID(),
  credentials: { accessKeyId: swift.accessKeyId, secretAccessKey: new Secret(swift.secretAccessKey) },
  forcePathStyle: true,
  checksums: 'when_required',
  ...over,
});

async function objects(prefix: string): Promise<string[]> {
  const { Contents = [] } = await swift.client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `${prefix}/` }));
  return Contents.map(({ Key }) => (Key as string).slice(prefix.length + 1));
}

/** Bytes that no head names, and uploads that are open. */
async function residue(prefix: string): Promise<string[]> {
  const all = await objects(prefix);
  const heads = all.filter((name) => name.startsWith('blobs/'));
  const named = await Promise.all(
    heads.map(async (name) => {
      const { Metadata } = await swift.client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: `${prefix}/${name}` }));
      return `data${name.slice('blobs'.length)}/${Metadata?.['data']}`;
    }),
  );
  const { Uploads = [] } = await swift.client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET, Prefix: `${prefix}/` }));
  return [...all.filter((name) => !heads.includes(name) && !named.includes(name)), ...Uploads.map(({ Key }) => `open upload ${Key}`)];
}

async function under(tuning: Partial<S3Tuning>, over: Partial<S3Settings> = {}): Promise<StoreUnderTest> {
  const prefix = `${randomUUID()}/a prefix`;
  return { store: createS3BlobStore(settings({ prefix, ...over }), tuning), residue: () => residue(prefix), close: async () => undefined };
}

// Swift makes 20 to 60 requests a second on one processor; a round takes seven.
describeBlobStore('s3', () => under({}), { bigBytes: BIG_BYTES, rounds: 3 });
describeBlobStore('s3 with every byte outside of its head', () => under({ inlineBytes: 0 }), { bigBytes: 11 * MB, rounds: 2 });

describe('the s3 store', () => {
  const bytes = (size: number): Readable => Readable.from([Buffer.alloc(size, 7)]);
  const later = new Date(Date.now() + 3_600_000);

  it('keeps a small blob in one object, a large one in two, and removes them all', async () => {
    const at = settings();
    const store = createS3BlobStore(at, { inlineBytes: 10 });
    await store.put('t/r/small', bytes(10), { contentType: 'text/plain' });
    await store.put('t/r/large', bytes(11));
    expect(await objects(at.prefix)).toEqual(['blobs/t/r/large', 'blobs/t/r/small', expect.stringMatching(/^data\/t\/r\/large\/[0-9a-f-]{36}$/)]);
    const { ContentType } = await swift.client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: `${at.prefix}/blobs/t/r/small` }));
    expect(ContentType).toBe('text/plain');
    const sizes: number[] = [];
    for await (const { size } of store.list('')) sizes.push(size);
    expect(sizes).toEqual([11, 10]);
    await store.remove('t/r/large');
    await store.remove('t/r/small');
    expect(await objects(at.prefix)).toEqual([]);
  });

  it('links a large blob by copying its parts within the bucket', async () => {
    const at = settings();
    const store = createS3BlobStore(at, { copyBytes: 5 * MB });
    const original = await store.put('t/r/a', Readable.from([Buffer.alloc(6 * MB, 1), Buffer.alloc(6 * MB, 2)]));
    await store.link('t/r/a', 'u/s/b');
    await store.remove('t/r/a');
    expect(await store.stat('u/s/b')).toMatchObject({ size: original.size, sha256: original.sha256 });
    const { stream } = await store.open('u/s/b', { start: 6 * MB - 1, end: 6 * MB });
    expect([...(await buffer(stream))]).toEqual([1, 2]);
    expect(await residue(at.prefix)).toEqual([]);
  });

  it('takes back the parts that were sent when a large upload fails', async () => {
    const at = settings();
    const store = createS3BlobStore(at);
    const open: number[] = [];
    async function* breaking(): AsyncGenerator<Buffer> {
      for (let part = 0; part < 5; part += 1) yield Buffer.alloc(3 * MB, part);
      const uploads = async (): Promise<number> => (await residue(at.prefix)).length;
      while ((await uploads()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      open.push(await uploads());
      throw new Error('the source broke');
    }
    await expect(store.put('t/r/a', Readable.from(breaking()))).rejects.toThrow('the source broke');
    expect(open).toEqual([1]);
    expect(await objects(at.prefix)).toEqual([]);
    expect(await residue(at.prefix)).toEqual([]);
  });

  it('lists over pages of the server', async () => {
    const store = createS3BlobStore(settings(), { pageObjects: 2 });
    for (const name of ['a', 'b', 'c', 'd', 'e']) await store.put(`t/r/${name}`, bytes(1));
    const names = async (page = {}): Promise<string> => {
      let all = '';
      for await (const { key } of store.list('t/', page)) all += key.slice(-1);
      return all;
    };
    expect([await names(), await names({ limit: 3 }), await names({ after: 't/r/b' })]).toEqual(['abcde', 'abc', 'cde']);
  });

  it('clears away uploads and bytes that no blob names once they are old, and nothing else', async () => {
    const at = settings();
    const store = createS3BlobStore(at, { inlineBytes: 0 });
    await store.put('t/r/kept', bytes(3));
    await swift.client.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key: `${at.prefix}/data/t/r/kept/${randomUUID()}` }));
    await swift.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: `${at.prefix}/data/t/r/kept/${randomUUID()}`, Body: 'x' }));
    expect(await residue(at.prefix)).toHaveLength(2);
    expect(await store.removeAbandoned(new Date(Date.now() - 3_600_000))).toBe(0);
    expect(await store.removeAbandoned(later)).toBe(2);
    expect(await residue(at.prefix)).toEqual([]);
    expect((await buffer((await store.open('t/r/kept')).stream)).length).toBe(3);
  });

  it('can be used', async () => {
    await createS3BlobStore(settings()).check();
  });

  it('keeps to its prefix', async () => {
    const prefix = randomUUID();
    const [one, other] = [`${prefix}/one`, `${prefix}/one more`].map((under) => createS3BlobStore(settings({ prefix: under }))) as [BlobStore, BlobStore];
    await one.put('t/r/a', bytes(1));
    expect(await other.stat('t/r/a')).toBeUndefined();
    expect(await other.removeAbandoned?.(later)).toBe(0);
    expect((await one.stat('t/r/a'))?.size).toBe(1);
  });

  it('sends and checks the checksums of the SDK when told to', async () => {
    const store = createS3BlobStore(settings({ checksums: 'when_supported' }), { inlineBytes: 10 });
    await store.put('t/r/small', bytes(10));
    await store.put('t/r/large', bytes(6 * MB));
    for (const [key, size] of [['t/r/small', 10], ['t/r/large', 6 * MB]] as const) expect((await buffer((await store.open(key)).stream)).length).toBe(size);
  });

  it.each([
    ['the bucket does not exist', { bucket: 'nowhere' }, /^The bucket nowhere at http:\S+ cannot be used: there is no such bucket$/],
    ['the key is wrong', { credentials: { accessKeyId: 'test:tester', secretAccessKey: new Secret('wrong') } }, /: the keys give no access to it$/],
    ['nobody listens', { endpoint: 'http://127.0.0.1:9' }, /^The bucket files at http:\/\/127.0.0.1:9 cannot be used: .*ECONNREFUSED/],
  ])('says SERVICE_UNAVAILABLE when %s', async (_, over, why) => {
    const store = createS3BlobStore(settings(over));
    await expect(store.check()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', cause: { message: expect.stringMatching(why) } });
    const unavailable = expect.objectContaining({ code: 'SERVICE_UNAVAILABLE', retryable: true });
    const source = bytes(2 * MB);
    await expect(store.put('t/r/a', source)).rejects.toEqual(unavailable);
    expect(source.destroyed).toBe(true);
    await expect(store.stat('t/r/a')).rejects.toEqual(unavailable);
    await expect(store.open('t/r/a')).rejects.toEqual(unavailable);
    await expect(store.remove('t/r/a')).rejects.toEqual(unavailable);
  });
});
