import CloudConvert from 'cloudconvert';
import { type Stack, startStack } from '../testing/stack';
import { until } from '../up/until';
import { signingSecret } from './accounts';
import { Client, type JobJson, taskNamed } from './client';
import { query } from './database';
import { FileServer, type SeenRequest } from './file-server';

interface Row {
  readonly event: string;
  readonly state: string;
  readonly attempts: number;
  readonly last_status: number | null;
  readonly body: string;
}

interface Told {
  readonly event: string;
  readonly job: JobJson;
}

let stack: Stack;
let client: Client;
let receiver: FileServer;
let secret: string;
/** What the receiver answers by path, in turn; 200 when nothing is left. */
const answers: Record<string, number[]> = {};
const held = new Map<string, () => void>();

beforeAll(async () => {
  receiver = await FileServer.start(({ path }, response) => {
    const end = (): void => {
      held.delete(path);
      response.writeHead(answers[path]?.shift() ?? 200).end();
    };
    if (path.startsWith('/held')) held.set(path, end);
    else end();
  });
  stack = await startStack({ env: { SAFE_FETCH_ALLOW: '127.0.0.1', WEBHOOK_RETRY_MS: '300,300,300' } });
  client = Client.of(stack);
  secret = signingSecret(stack);
}, 120_000);
afterAll(async () => {
  await stack?.stop();
  await receiver?.stop();
}, 120_000);

const good = { in: { operation: 'import/raw', file: 'x', filename: 'x.txt' }, out: { operation: 'export/url', input: 'in' } };
const bad = { in: { operation: 'fault', mode: 'fail' }, out: { operation: 'export/url', input: 'in' } };

const seenAt = (path: string): SeenRequest[] => receiver.seen.filter((request) => request.path === path);
const told = (request: SeenRequest): Told => JSON.parse(request.body.toString('utf8')) as Told;
/** What the official SDK says of it. */
const signed = ({ headers, body }: SeenRequest): boolean => new CloudConvert('unused').webhooks.verify(body.toString('utf8'), String(headers['cloudconvert-signature']), secret);
const rowsOf = (job: string): Promise<Row[]> => query<Row>(stack, 'select event, state, attempts, last_status, body from webhook_deliveries where stream = $1', [job]);
const create = (path: string, tasks: Record<string, Record<string, unknown>>): Promise<JobJson> => client.createJob(tasks, { tag: 'told ü', webhook_url: `${receiver.url}${path}` });
const settled = async (job: string): Promise<Row> => {
  expect(await until(async () => (await rowsOf(job)).some(({ state }) => state !== 'pending'), 20_000)).toBe(true);
  return (await rowsOf(job))[0]!;
};

it.each([
  ['job.finished', 'finished', good],
  ['job.failed', 'error', bad],
])('%s tells the whole job, once, as its row says', async (event, status, tasks) => {
  const path = `/${event}`;
  const job = await create(path, tasks);
  const row = await settled(job.id);
  expect(row).toMatchObject({ event, state: 'delivered', attempts: 1, last_status: 200 });
  const [request, ...more] = seenAt(path);
  expect(more).toEqual([]);
  expect(request).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(row.body)), 'user-agent': expect.stringMatching(/\w/) } });
  expect(request!.body.equals(Buffer.from(row.body))).toBe(true);
  expect(signed(request!)).toBe(true);
  expect(signed({ ...request!, body: Buffer.concat([request!.body, Buffer.from(' ')]) })).toBe(false);
  expect(told(request!)).toEqual({ event, job: await client.job(job.id) });
  expect(told(request!).job).toMatchObject({ id: job.id, tag: 'told ü', status });
  expect(JSON.stringify(told(request!))).not.toContain('webhook_url');
});

it('the links of a finished job can be used by who was told', async () => {
  const job = await create('/links', good);
  await settled(job.id);
  const { job: shown } = told(seenAt('/links')[0]!);
  expect(await (await fetch(taskNamed(shown, 'out').result!.files![0]!.url!)).text()).toBe('x');
});

it('500 is tried again, with the same bytes, until it is taken', async () => {
  answers['/soon'] = [500, 503];
  const job = await create('/soon', good);
  expect(await settled(job.id)).toMatchObject({ state: 'delivered', attempts: 3 });
  const bodies = seenAt('/soon').map(({ body }) => body.toString('utf8'));
  expect(bodies).toEqual(Array.from({ length: 3 }, () => bodies[0]));
});

it('is given up after three retries, and at once where the receiver refuses', async () => {
  answers['/down'] = [500, 500, 500, 500, 500];
  answers['/gone'] = [410];
  const [down, gone] = await Promise.all([create('/down', good), create('/gone', good)]);
  expect(await settled(down.id)).toMatchObject({ state: 'failed', attempts: 4, last_status: 500 });
  expect(await settled(gone.id)).toMatchObject({ state: 'failed', attempts: 1, last_status: 410 });
});

it('what was told stays what it was when the job is deleted meanwhile', async () => {
  answers['/held/first'] = [500];
  const job = await create('/held/first', good);
  expect(await until(() => held.has('/held/first'), 20_000)).toBe(true);
  const before = await client.job(job.id);
  expect((await client.call('DELETE', `/v2/jobs/${job.id}`)).status).toBe(204);
  held.get('/held/first')!();
  expect(await until(() => held.has('/held/first'), 20_000)).toBe(true);
  held.get('/held/first')!();
  expect(await settled(job.id)).toMatchObject({ state: 'delivered', attempts: 2 });
  expect(seenAt('/held/first').map(signed)).toEqual([true, true]);
  expect(seenAt('/held/first').map(told)).toEqual([1, 2].map(() => ({ event: 'job.finished', job: before })));
});

it('a receiver that does not answer holds up nobody else', async () => {
  const silent = await Promise.all(Array.from({ length: 4 }, (_, index) => create(`/held/${index}`, good)));
  const job = await create('/brisk', good);
  expect(await settled(job.id)).toMatchObject({ state: 'delivered' });
  await Promise.all(silent.map((_, index) => until(() => held.has(`/held/${index}`), 20_000)));
  held.forEach((end) => end());
  for (const { id } of silent) expect(await settled(id)).toMatchObject({ state: 'delivered' });
});

it('private addresses are not told, and the job is none the worse', async () => {
  const job = await client.createJob(good, { webhook_url: 'http://127.0.0.2:1/hook' });
  expect((await client.ended(job.id)).status).toBe('finished');
  expect(await settled(job.id)).toMatchObject({ state: 'failed', attempts: 1, last_status: null });
});

it('the installation itself is not told, though its address is allowed', async () => {
  const job = await client.createJob(good, { webhook_url: `${stack.baseUrl}/jobs` });
  expect(await settled(job.id)).toMatchObject({ state: 'failed', attempts: 1, last_status: null });
});

it('the signing secret is in no log', async () => {
  const logs = stack.at.services.map(({ name }) => stack.logOf(name)).join('');
  expect(logs).toContain('A webhook was tried');
  expect(logs).not.toContain(secret);
});

it('is written once for a job, however it ended', async () => {
  const job = await create('/cancelled', { in: { operation: 'import/upload' } });
  expect((await client.call('POST', `/v2/tasks/${taskNamed(job, 'in').id}/cancel`)).status).toBe(200);
  await settled(job.id);
  expect((await rowsOf(job.id)).map(({ event }) => event)).toEqual(['job.failed']);
  expect(told(seenAt('/cancelled')[0]!).job.tasks[0]).toMatchObject({ status: 'error', code: 'CANCELLED' });
});
