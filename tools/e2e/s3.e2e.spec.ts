import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { Forwarder } from '../testing/forwarder';
import { cannotMakeHosts, NetworkHost } from '../testing/network-host';
import { type Stack, startStack } from '../testing/stack';
import { type RunningSwift, startSwift } from '../testing/swift/swift';
import { SERVICES } from '../up/services';
import { until } from '../up/until';
import { Client, fileUrl, type JobJson, taskNamed } from './client';
import { query } from './database';
import { look, png } from './images';

/** Larger than a part of an upload. */
const LARGE = randomBytes(7 * 1024 ** 2);
const HOST_STARTS_MS = 60_000;

const reason = cannotMakeHosts();
if (reason) console.warn(`two hosts: not run, ${reason}`);

let swift: RunningSwift;
let stack: Stack;
let client: Client;
let picture: Buffer;
const hosts: NetworkHost[] = [];
const cables: Forwarder[] = [];
/** All requests for S3 go over it. */
let bucketCable: Forwarder;
const said: Record<string, string> = {};

const s3 = (endpoint: string): Record<string, string> => ({
  BLOB_STORE: 's3',
  S3_ENDPOINT: endpoint,
  S3_BUCKET: 'millrace',
  S3_PREFIX: 'test',
  S3_FORCE_PATH_STYLE: 'on',
  S3_ACCESS_KEY_ID: swift.accessKeyId,
  S3_SECRET_ACCESS_KEY: swift.secretAccessKey,
});

/** A host with a media pool and nothing else; what it may know of us: NATS and S3. */
async function addHost(name: string): Promise<NetworkHost> {
  const host = NetworkHost.make(name, stack.dataDir);
  hosts.push(host);
  const [nats, storage] = await Promise.all([Forwarder.start(host.gateway, Number(new URL(stack.at.nats.url).port)), Forwarder.start(host.gateway, bucketCable.port)]);
  cables.push(nats, storage);
  const env = {
    PATH: process.env['PATH'],
    HOME: '/nowhere',
    PORT: '3002',
    NATS_URL: `nats://${host.gateway}:${nats.port}`,
    NATS_USER: 'media',
    NATS_PASSWORD: stack.natsPassword('media'),
    SCRATCH_DIR: path.join(stack.dataDir, 'scratch'),
    FAULT_ENGINE: 'on',
    BEAT: '2s',
    SLOTS: '2',
    ...s3(`http://${host.gateway}:${storage.port}`),
  };
  said[name] = '';
  host.start('engine-ffmpeg', env, (text) => (said[name] += text));
  return host;
}

beforeAll(async () => {
  swift = await startSwift();
  await swift.createBucket('millrace');
  bucketCable = await Forwarder.start('127.0.0.1', Number(new URL(swift.endpoint).port));
  cables.push(bucketCable);
  picture = await png();
  // Where hosts can be made, the engines are theirs alone.
  const services = SERVICES.filter(({ name }) => (reason ? name !== 'engine-office' : !name.startsWith('engine-')));
  stack = await startStack({ env: { ...s3(`http://127.0.0.1:${bucketCable.port}`), MILLRACE_TEST_SERVICES: JSON.stringify(services) } });
  client = Client.of(stack);
  if (reason) return;
  await addHost('host-a');
  await addHost('host-b');
  const working = await until(() => hosts.every(({ name }) => said[name]?.includes('takes invitations')), HOST_STARTS_MS);
  if (!working) throw new Error(`the hosts do not start: ${JSON.stringify(said)}`);
}, 240_000);

afterAll(async () => {
  for (const host of hosts) await host.destroy();
  for (const cable of cables) cable.cut();
  await stack?.stop();
  await swift?.stop();
}, 120_000);

const objects = async (): Promise<string[]> => ((await swift.client.send(new ListObjectsV2Command({ Bucket: 'millrace' }))).Contents ?? []).map(({ Key }) => Key ?? '');
const convert = { do: { operation: 'convert', input: 'in', output_format: 'webp' }, out: { operation: 'export/url', input: 'do' } };

describe('the stack over S3', () => {
  it('a file is uploaded, converted and downloaded; no byte of it is on the disk of the host', async () => {
    const job = await client.createJob({ in: { operation: 'import/upload' }, ...convert });
    expect(await client.api.upload(taskNamed(job, 'in').result!.form!, 'a.png', picture)).toBe(201);
    const ended = await client.ended(job.id);
    expect(ended.tasks.map(({ name, status, message }) => ({ name, status, message }))).not.toContainEqual(expect.objectContaining({ status: 'error' }));
    expect((await look(await client.api.download(fileUrl(taskNamed(ended, 'out'))))).format).toBe('webp');
    expect((await objects()).filter((name) => name.startsWith(`test/blobs/${taskNamed(ended, 'do').id}/`))).toHaveLength(1);
    const local = path.join(stack.dataDir, 'blobs/blobs');
    expect(existsSync(local) ? readdirSync(local) : []).toEqual([]);
  }, 120_000);

  it('a large file comes back by ranges, and whole', async () => {
    const job = await client.createJob({ in: { operation: 'import/upload' }, out: { operation: 'export/url', input: 'in' } });
    expect(await client.api.upload(taskNamed(job, 'in').result!.form!, 'large.bin', LARGE)).toBe(201);
    const url = fileUrl(taskNamed(await client.ended(job.id), 'out'));
    const middle = await fetch(url, { headers: { range: 'bytes=5242870-5242889' } });
    expect([middle.status, middle.headers.get('content-range')]).toEqual([206, `bytes 5242870-5242889/${LARGE.length}`]);
    expect(Buffer.from(await middle.arrayBuffer()).equals(LARGE.subarray(5242870, 5242890))).toBe(true);
    expect((await fetch(url, { headers: { range: `bytes=${LARGE.length}-` } })).status).toBe(416);
    const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
    expect(createHash('sha256').update(whole).digest('hex')).toBe(createHash('sha256').update(LARGE).digest('hex'));
  }, 120_000);

  it('S3 is away for a while: uploads are told so, tasks try again, and jobs finish', async () => {
    const work = { in: { operation: 'import/raw', file: 'kept', filename: 'a.txt' }, do: { operation: 'fault', mode: 'sleep', ms: 2_000, input: 'in' }, out: { operation: 'export/url', input: 'do' } };
    const jobs = await Promise.all(Array.from({ length: 3 }, () => client.createJob(work)));
    const waiting = await client.createJob({ in: { operation: 'import/upload' }, out: { operation: 'export/url', input: 'in' } });
    const form = taskNamed(waiting, 'in').result!.form!;
    const processing = await until(async () => (await Promise.all(jobs.map(({ id }) => client.job(id)))).every((job) => taskNamed(job, 'do').status === 'processing'), 30_000);
    expect(processing).toBe(true);
    bucketCable.cut();
    try {
      expect(await client.api.upload(form, 'a.png', picture)).toBe(503);
      // Every run has ended its sleep by now and found nowhere to store what it made.
      const lost = await until(async () => (await query<{ n: string }>(stack, "select count(distinct stream) n from job_events where type in ('AttemptFailed', 'AttemptLost')"))[0]?.n === '3', 30_000);
      expect(lost).toBe(true);
    } finally {
      await bucketCable.restore();
    }
    const ended = await Promise.all(jobs.map(({ id }) => client.ended(id)));
    for (const job of ended) expect(taskNamed(job, 'out')).toMatchObject({ status: 'finished' });
    expect(await client.api.upload(form, 'a.png', picture)).toBe(201);
    expect((await client.ended(waiting.id)).status).toBe('finished');
  }, 120_000);

  it('the files of a deleted job cannot be had any more', async () => {
    const job = await client.run({ in: { operation: 'import/raw', file: 'text', filename: 'a.txt' }, out: { operation: 'export/url', input: 'in' } });
    const url = fileUrl(taskNamed(job, 'out'));
    expect(await (await fetch(url)).text()).toBe('text');
    await client.api.delete(job.id);
    expect((await fetch(url)).status).toBe(410);
  }, 120_000);
});

(reason ? describe.skip : describe)('two hosts with nothing in common but Postgres, NATS and S3', () => {
  const hostsOf = (jobs: readonly JobJson[]): Set<string> => new Set(jobs.map((job) => /host-[ab]/.exec(taskNamed(job, 'do').host_name ?? '')?.[0] ?? 'none'));

  it('neither sees our files, nor what listens on our loopback', () => {
    for (const host of hosts) {
      expect(host.sees(stack.dataDir)).toEqual(['scratch']);
      expect(host.reaches('127.0.0.1', Number(new URL(stack.baseUrl).port))).toBe(false);
      expect(host.reaches('127.0.0.1', Number(new URL(stack.at.postgres.url).port))).toBe(false);
    }
  });

  it('both convert', async () => {
    const file = picture.toString('base64');
    const jobs = await Promise.all(Array.from({ length: 12 }, () => client.createJob({ in: { operation: 'import/base64', file, filename: 'a.png' }, ...convert })));
    const ended = await Promise.all(jobs.map(({ id }) => client.ended(id)));
    expect(new Set(ended.map(({ status }) => status))).toEqual(new Set(['finished']));
    expect(hostsOf(ended)).toEqual(new Set(['host-a', 'host-b']));
    for (const job of ended) expect((await look(await client.api.download(fileUrl(taskNamed(job, 'out'))))).format).toBe('webp');
  }, 180_000);

  it('one burns down in the middle of its work: the other finishes it', async () => {
    const jobs = await Promise.all(
      Array.from({ length: 4 }, () => client.createJob({ in: { operation: 'import/raw', file: 'kept', filename: 'a.txt' }, do: { operation: 'fault', mode: 'sleep', ms: 4_000, input: 'in' }, last: { operation: 'fault', mode: 'copy', input: ['in', 'do'] }, out: { operation: 'export/url', input: 'last' } })),
    );
    const now = (): Promise<JobJson[]> => Promise.all(jobs.map(({ id }) => client.job(id)));
    const both = await until(async () => hostsOf((await now()).filter((job) => taskNamed(job, 'do').status === 'processing')).size === 2, 60_000, { everyMs: 100 });
    expect(both).toBe(true);
    await hosts[0]!.destroy();
    const ended = await Promise.all(jobs.map(({ id }) => client.ended(id)));
    expect(new Set(ended.map(({ status }) => status))).toEqual(new Set(['finished']));
    expect(hostsOf(ended)).toContain('host-b');
    expect(new Set(ended.map((job) => /host-[ab]/.exec(taskNamed(job, 'last').host_name ?? '')?.[0]))).toEqual(new Set(['host-b']));
  }, 180_000);
});
