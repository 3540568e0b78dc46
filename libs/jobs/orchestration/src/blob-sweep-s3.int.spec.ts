import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { ListMultipartUploadsCommand, ListObjectsV2Command, CreateMultipartUploadCommand } from '@aws-sdk/client-s3';
import { openBlobStore } from '@millrace/blob-store';
import { Secret } from '@millrace/config';
import { createDatabase, LeaderLease } from '@millrace/database';
import { BlobLedger } from '@millrace/job-store';
import { createTestDatabase, startSwift } from '@millrace/testing';
import { sql } from 'kysely';
import { BlobSweep } from './blob-sweep';

const HOUR_MS = 3_600_000;
const BUCKET = 'files';
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

it('over S3: released and orphaned bytes leave the bucket, small and large, held ones stay; uploads that nobody goes on with end after a day', async () => {
  const swift = await startSwift();
  const test = await createTestDatabase();
  const database = createDatabase({ url: test.url, applicationName: 'test' });
  try {
    await swift.createBucket(BUCKET);
    const credentials = { accessKeyId: swift.accessKeyId, secretAccessKey: new Secret(swift.secretAccessKey) };
    const blobs = openBlobStore({ kind: 's3', endpoint: swift.endpoint, region: 'us-east-1', bucket: BUCKET, prefix: 'a', credentials, forcePathStyle: true, checksums: 'when_required' });
    const objects = async (): Promise<string[]> => ((await swift.client.send(new ListObjectsV2Command({ Bucket: BUCKET }))).Contents ?? []).map(({ Key }) => Key ?? '');
    const uploads = async (): Promise<number> => ((await swift.client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }))).Uploads ?? []).length;
    const stored = async (size: number): Promise<string> => (await blobs.put(`${randomUUID()}/${randomUUID()}/0`, Readable.from([Buffer.alloc(size)]))).key;

    const held = await stored(2_000_000);
    const released = [await stored(5), await stored(2_000_000)];
    await stored(2_000_000);
    for (const key of [held, ...released]) await sql`insert into blobs (blob, released_at) values (${key}, now() - interval '2 hours')`.execute(database.kysely);
    await sql`insert into blob_references (blob, stream, task, role) values (${held}, ${randomUUID()}, 't', 'output')`.execute(database.kysely);
    await swift.client.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key: `a/data/${held}/${randomUUID()}` }));
    expect(await objects()).toHaveLength(7);

    let now = Date.now();
    const leader = (await new LeaderLease(database.kysely).lead('blob-sweep', 'a', 60_000))!;
    const sweep = new BlobSweep(new BlobLedger(database), blobs, { now: () => now, sleep: async () => undefined }, log);
    await sweep.tick(leader);
    expect(await objects()).toHaveLength(4);
    now += 2 * HOUR_MS;
    await sweep.tick(leader);
    expect(await objects()).toEqual([`a/blobs/${held}`, expect.stringContaining(`a/data/${held}/`)]);
    expect(await uploads()).toBe(1);
    now += 24 * HOUR_MS;
    await sweep.tick(leader);
    expect([await uploads(), (await objects()).length]).toEqual([0, 2]);
  } finally {
    await database.close();
    await test.drop();
    await swift.stop();
  }
}, 120_000);
