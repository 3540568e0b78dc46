import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { type Stack, startStack } from '../testing/stack';
import { until } from '../up/until';
import { Client, errorOf, expectData, fileUrl, type JobJson, type TaskJson, taskNamed } from './client';
import { query } from './database';
import { png } from './images';

let stack: Stack;
let client: Client;
let picture: Buffer;

beforeAll(async () => {
  picture = await png();
  stack = await startStack({ env: { MAX_UPLOAD_BYTES: '2MB' } });
  client = Client.of(stack);
}, 120_000);
afterAll(() => stack?.stop(), 120_000);

type Form = NonNullable<NonNullable<TaskJson['result']>['form']>;

const uploadJob = (): Promise<JobJson> =>
  client.createJob({ in: { operation: 'import/upload' }, do: { operation: 'convert', input: 'in', output_format: 'webp' }, out: { operation: 'export/url', input: 'in' } });
const formOf = (job: JobJson): Form => taskNamed(job, 'in').result!.form!;

/** Everything that the blob store holds of a task, and all half-written files. */
const stored = (task: string): string[] => {
  const folder = path.join(stack.dataDir, 'blobs');
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ parentPath, name }) => path.join(parentPath, name));
  return files.filter((file) => file.includes(task) || path.relative(folder, file).startsWith('.tmp'));
};

async function post(form: Form, parameters: Readonly<Record<string, string>>, file?: Buffer): Promise<{ status: number; headers: Headers; text: string }> {
  const body = new FormData();
  for (const [name, value] of Object.entries(parameters)) body.append(name, value);
  if (file) body.append('file', new Blob([new Uint8Array(file)]), 'in.png');
  const answer = await fetch(form.url, { method: 'POST', body, redirect: 'manual' });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

/** Sends the first `bytes` of a form that announces all of them, then cuts the connection. */
async function cut(form: Form, file: Buffer, bytes: number): Promise<void> {
  const boundary = 'cut-here';
  const fields = Object.entries(form.parameters).map(([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  const body = Buffer.concat([Buffer.from(`${fields.join('')}--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="in.png"\r\n\r\n`), file, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  const { hostname, port, pathname, host } = new URL(form.url);
  const socket = connect(Number(port), hostname);
  const head = `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: multipart/form-data; boundary=${boundary}\r\nContent-Length: ${body.length}\r\n\r\n`;
  await new Promise<void>((resolve, reject) => socket.once('error', reject).write(Buffer.concat([Buffer.from(head), body.subarray(0, body.length - file.length + bytes)]), () => resolve()));
  socket.resetAndDestroy();
  await new Promise((resolve) => socket.once('close', resolve));
}

describe('a form', () => {
  it('answers as S3 does: 201, Location, ETag and XML; then it is no longer shown', async () => {
    const job = await uploadJob();
    const form = formOf(job);
    expect(form.parameters['key']).toBe(`${taskNamed(job, 'in').id}/\${filename}`);
    expect(Object.values(form.parameters).every((value) => typeof value === 'string')).toBe(true);
    const answer = await post(form, form.parameters, picture);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([201, expect.stringContaining('application/xml')]);
    expect(answer.headers.get('location')).toMatch(/^http:.*in\.png$/);
    expect(answer.headers.get('etag')).toMatch(/^"[0-9a-f]{32}"$/);
    expect(answer.text).toMatch(/<PostResponse>.*<Key>.*in\.png<\/Key>.*<\/PostResponse>/s);
    const task = taskNamed(await client.ended(job.id), 'in');
    expect([task.result, task.message]).toEqual([{ files: [{ filename: 'in.png', size: picture.length }] }, null]);
  });

  it('cut in the middle leaves no file, and the job waits on for a proper upload', async () => {
    const job = await uploadJob();
    const { id } = taskNamed(job, 'in');
    const large = Buffer.alloc(1_500_000, 7);
    for (const bytes of [0, 1, 700_000, 1_499_999]) await cut(formOf(job), large, bytes);
    expect(await until(() => stored(id).length === 0, 10_000)).toBe(true);
    expect(taskNamed(await client.job(job.id), 'in')).toMatchObject({ status: 'waiting', message: 'Waiting for file upload', result: { form: expect.anything() } });
    expect((await post(formOf(job), formOf(job).parameters, picture)).status).toBe(201);
    const ended = await client.ended(job.id);
    expect(ended.status).toBe('finished');
    expect(Buffer.from(await (await fetch(fileUrl(taskNamed(ended, 'out')))).arrayBuffer())).toEqual(picture);
  });

  it('is good for one file: a second one is refused and changes nothing', async () => {
    const job = await uploadJob();
    const form = formOf(job);
    expect((await post(form, form.parameters, picture)).status).toBe(201);
    expect(errorOf(await post(form, form.parameters, Buffer.from('another')))).toMatchObject({ status: 409, code: 'CONFLICT' });
    const ended = await client.ended(job.id);
    expect(Buffer.from(await (await fetch(fileUrl(taskNamed(ended, 'out')))).arrayBuffer())).toEqual(picture);
    expect(stored(taskNamed(job, 'in').id).length).toBeLessThanOrEqual(stored(taskNamed((await onceUploaded()), 'in').id).length);
  });

  it('taken by many at once, has one winner whose bytes stay', async () => {
    const job = await uploadJob();
    const form = formOf(job);
    const files = Array.from({ length: 12 }, (_, index) => Buffer.concat([picture, Buffer.alloc(index + 1, index)]));
    const answers = await Promise.all(files.map((file) => post(form, form.parameters, file)));
    const winners = answers.flatMap(({ status }, index) => (status === 201 ? [index] : []));
    expect(winners).toHaveLength(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]));
    const out = fileUrl(taskNamed(await client.ended(job.id), 'out'));
    expect(Buffer.from(await (await fetch(out)).arrayBuffer())).toEqual(files[winners[0]!]);
    const id = taskNamed(job, 'in').id;
    const kept = stored(taskNamed(await onceUploaded(), 'in').id).length;
    expect(await until(() => stored(id).length === kept, 10_000)).toBe(true);
  });

  it.each<[string, (form: Form) => Record<string, string>, number, string]>([
    ['whose signature is another', (form) => ({ ...form.parameters, 'X-Amz-Signature': `${form.parameters['X-Amz-Signature']!.slice(0, -2)}AA` }), 403, 'FORBIDDEN'],
    ['without its fields', () => ({}), 403, 'FORBIDDEN'],
    ['for the key of another task', (form) => ({ ...form.parameters, key: `${randomUUID()}/\${filename}` }), 403, 'FORBIDDEN'],
  ])('%s is refused and nothing is kept', async (_, parameters, status, code) => {
    const job = await uploadJob();
    expect(errorOf(await post(formOf(job), parameters(formOf(job)), picture))).toMatchObject({ status, code });
    expect(stored(taskNamed(job, 'in').id)).toEqual([]);
    expect(taskNamed(await client.job(job.id), 'in').status).toBe('waiting');
  });

  it('without a file, with too large a one, or of a cancelled or deleted task is refused', async () => {
    const [none, large, cancelled, deleted] = await Promise.all([uploadJob(), uploadJob(), uploadJob(), uploadJob()]);
    expect(errorOf(await post(formOf(none), formOf(none).parameters))).toMatchObject({ status: 422, code: 'INVALID_DATA' });
    expect(errorOf(await post(formOf(large), formOf(large).parameters, Buffer.alloc(2_200_000)))).toMatchObject({ status: 413, code: 'PAYLOAD_TOO_LARGE' });
    expect((await client.call('POST', `/v2/tasks/${taskNamed(cancelled, 'in').id}/cancel`)).status).toBe(200);
    expect(errorOf(await post(formOf(cancelled), formOf(cancelled).parameters, picture))).toMatchObject({ status: 410, code: 'GONE' });
    expect((await client.call('DELETE', `/v2/jobs/${deleted.id}`)).status).toBe(204);
    expect(errorOf(await post(formOf(deleted), formOf(deleted).parameters, picture))).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    for (const job of [none, large, cancelled, deleted]) expect(await until(() => stored(taskNamed(job, 'in').id).length === 0, 5_000)).toBe(true);
  });

  it('sends the browser on where the task says', async () => {
    const task = await client.createTask('import/upload', { redirect: 'https://shop.example/done' });
    const answer = await post(task.result!.form!, task.result!.form!.parameters, picture);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, 'https://shop.example/done']);
    expect((await client.endedTask(task.id)).status).toBe('finished');
  });
});

/** A job whose file came once and undisturbed. */
async function onceUploaded(): Promise<JobJson> {
  const job = await uploadJob();
  expect((await post(formOf(job), formOf(job).parameters, picture)).status).toBe(201);
  return client.ended(job.id);
}

describe('Idempotency-Key', () => {
  const body = { tag: 'once', tasks: { in: { operation: 'import/raw', file: 'x', filename: 'x.txt' }, out: { operation: 'export/url', input: 'in' } } };
  const create = (key: string, what: unknown = body, path = '/v2/jobs') => client.call('POST', path, what, { 'idempotency-key': key });
  const idOf = (answer: Awaited<ReturnType<typeof create>>): string => expectData<{ id: string }>(answer, 201).id;

  it('a repeat makes nothing new and is answered with the same job', async () => {
    const key = randomUUID();
    const id = idOf(await create(key));
    await client.ended(id);
    expect(idOf(await create(key))).toBe(id);
    expect(idOf(await create(randomUUID()))).not.toBe(id);
  });

  it('twenty at once, over all gateways, make one job', async () => {
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => client.api.request('POST', '/v2/jobs', { body: { ...body, tag: key }, headers: { 'idempotency-key': key }, gateway: index % stack.gateways.length, timeoutMs: 30_000 })),
    );
    const ids = await Promise.all(answers.map(async (answer) => ((await answer.json()) as { data?: { id: string } }).data?.id ?? answer.status));
    expect(new Set(ids).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 201));
    expect(await query(stack, 'select id from jobs where tag = $1', [key])).toEqual([{ id: ids[0] }]);
    // What the losers had stored of their content is gone.
    const contents = await query<{ task: string }>(stack, 'select id as task from tasks where stream = $1 and operation = $2', [ids[0], 'import/raw']);
    expect(contents).toHaveLength(1);
  });

  it('with another body, or on another path, it is refused', async () => {
    const key = randomUUID();
    idOf(await create(key));
    expect(errorOf(await create(key, { ...body, tag: 'other' }))).toMatchObject({ status: 422, code: 'INVALID_DATA', errors: { 'Idempotency-Key': [expect.any(String)] } });
    expect(errorOf(await create(key, { file: 'x', filename: 'x.txt' }, '/v2/import/raw'))).toMatchObject({ status: 422, code: 'INVALID_DATA' });
  });

  it('a refused request does not use it up, and an odd key is refused', async () => {
    const key = randomUUID();
    expect((await create(key, { tasks: {} })).status).toBe(422);
    expect((await create(key)).status).toBe(201);
    for (const odd of ['a b', 'x'.repeat(256)]) expect(errorOf(await create(odd))).toMatchObject({ status: 422, errors: { 'Idempotency-Key': [expect.any(String)] } });
  });

  it('holds for standalone tasks', async () => {
    const key = randomUUID();
    const [one, two] = [await create(key, { filename: 'x.txt', file: 'x' }, '/v2/import/raw'), await create(key, { filename: 'x.txt', file: 'x' }, '/v2/import/raw')];
    expect(idOf(two)).toBe(idOf(one));
  });
});
