import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import { type RunningGateway, startGateway } from './testing/running-gateway';

let database: TestDatabase;
let gateway: RunningGateway;
beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startGateway(database.url);
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await database.drop();
});

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const contentJob = (filename = 'a.png') => ({ tasks: { in: { operation: 'import/base64', file: PNG, filename }, out: { operation: 'convert', input: 'in', output_format: 'jpg' } } });
const blobTasks = async (): Promise<string[]> => readdir(path.join(gateway.blobDir, 'blobs')).catch(() => []);

describe('POST /v2/jobs', () => {
  it('answers 201 with the job in compact JSON, its tasks in the order of the body, while NATS is away', async () => {
    const answer = await gateway.call('POST', '/v2/jobs', { tag: 'mine', ...contentJob() });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.text.startsWith('{"data":{"id":"')).toBe(true);
    expect(Object.keys(answer.json)).toEqual(['data']);
    const { data } = answer.json;
    expect(data).toMatchObject({ tag: 'mine', status: 'processing', links: { self: `http://files.test/v2/jobs/${data.id}` } });
    expect(data.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
    expect(data.tasks.map((task: { name: string; status: string }) => [task.name, task.status])).toEqual([['in', 'finished'], ['out', 'waiting']]);
    expect(data.tasks[0].result.files).toEqual([{ filename: 'a.png', size: 70 }]);
    expect(data.tasks[1].depends_on_task_ids).toEqual([data.tasks[0].id]);
    expect(data.tasks[0]).not.toHaveProperty('payload');
    expect((await gateway.call('GET', `/v2/jobs/${data.id}?include=&x%5By%5D=`)).json).toEqual(answer.json);
  });

  it('keeps the content out of the payload and cleans its name', async () => {
    const made = await gateway.call('POST', '/v2/import/raw', { file: 'hello', filename: 'ä b.txt ', name: null });
    expect(made.status).toBe(201);
    expect(made.json.data).not.toHaveProperty('name');
    const shown = (await gateway.call('GET', `/v2/tasks/${made.json.data.id}?include=payload,nonsense`)).json.data;
    expect(shown.result.files[0].filename).toBe('ä b.txt');
    expect(JSON.stringify(shown.payload)).not.toContain('hello');
  });

  it('seals secrets and never shows them', async () => {
    const made = await gateway.call('POST', '/v2/import/url', { url: 'http://invalid.url', filename: 'test.file', headers: { Authorization: 's3cret-value' } });
    expect(made.status).toBe(201);
    expect(made.json.data).toMatchObject({ status: 'waiting', job_id: null });
    const shown = await gateway.call('GET', `/v2/tasks/${made.json.data.id}?include=payload`);
    expect(shown.json.data.payload).toEqual({ url: 'http://invalid.url', filename: 'test.file' });
  });

  it.each([
    [{}, { tasks: ['The tasks field is required.'] }],
    [{ tasks: {}, tag: '' }, { tasks: ['The tasks field is required.'] }],
    [{ tasks: { a: {} } }, { 'tasks.a.operation': ['The operation field is required.'] }],
    [{ tasks: { a: { operation: 'no/such' } } }, { 'tasks.a.operation': ['The selected operation is invalid.'] }],
    [{ tasks: { a: { operation: 'export/url', input: 'nowhere' } } }, { 'tasks.a.input': ['Invalid input task.'] }],
    [{ tasks: { a: { operation: 'export/url', input: ['b'] }, b: { operation: 'export/url', input: ['a'] } } }, { 'tasks.a.input': ['The inputs of the tasks form a cycle.'] }],
    [{ tasks: { a: { operation: 'import/upload' } }, webhook_url: 'not a url' }, { webhook_url: ['The webhook url format is invalid.'] }],
  ])('refuses %j', async (body, errors) => {
    const answer = await gateway.call('POST', '/v2/jobs', body);
    expect([answer.status, answer.json]).toEqual([422, { message: 'The given data was invalid.', code: 'INVALID_DATA', errors }]);
  });

  it('refuses what the database could not keep, instead of failing', async () => {
    const answer = await gateway.call('POST', '/v2/jobs', { tag: 'a\u0000b', tasks: { a: { operation: 'import/url', url: 'http://x.test/\ud800' } } });
    expect(answer.status).toBe(422);
    expect((await gateway.call('POST', '/v2/import/url', { url: 'http://x.test/a', filename: 'a\ud800' })).status).toBe(422);
  });

  it('takes 500 tasks in a chain', async () => {
    const tasks = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`t${i}`, i === 0 ? { operation: 'import/upload' } : { operation: 'export/url', input: `t${i - 1}` }]));
    const answer = await gateway.call('POST', '/v2/jobs', { tasks });
    expect(answer.status).toBe(201);
    expect(answer.json.data.tasks.map((task: { name: string }) => task.name)).toEqual(Object.keys(tasks));
  });

  it('removes the content of a refused job', async () => {
    const before = await blobTasks();
    const tasks = { ...contentJob().tasks, x: { operation: 'export/url', input: 'y' }, y: { operation: 'export/url', input: 'x' } };
    expect((await gateway.call('POST', '/v2/jobs', { tasks })).status).toBe(422);
    expect(await blobTasks()).toEqual(before);
  });

  it('refuses a task of another account as it refuses one that does not exist', async () => {
    const other = await gateway.newKey({ email: 'other@millrace.test' });
    const foreign = (await gateway.call('POST', '/v2/import/upload', {}, { key: other })).json.data.id;
    const answers = await Promise.all([foreign, randomUUID(), 'x'].map((input) => gateway.call('POST', '/v2/export/url', { input })));
    for (const answer of answers) expect([answer.status, answer.json.errors]).toEqual([422, { input: ['Invalid input task.'] }]);
    const own = (await gateway.call('POST', '/v2/import/upload', {})).json.data.id;
    expect((await gateway.call('POST', '/v2/export/url', { input: [own] })).json.data).toMatchObject({ status: 'waiting', depends_on_task_ids: [own] });
  });
});

describe('Idempotency-Key', () => {
  it('answers a repeat with the first job, also at the same time, and refuses another body', async () => {
    const headers = { 'Idempotency-Key': randomUUID() };
    const answers = await Promise.all(Array.from({ length: 6 }, () => gateway.call('POST', '/v2/jobs', contentJob(), { headers })));
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(201));
    expect(new Set(answers.map(({ json }) => json.data.id)).size).toBe(1);
    const other = await gateway.call('POST', '/v2/jobs', contentJob('b.png'), { headers });
    expect([other.status, Object.keys(other.json.errors)]).toEqual([422, ['Idempotency-Key']]);
  });

  it('leaves no content of repeats behind', async () => {
    const before = (await blobTasks()).length;
    const headers = { 'Idempotency-Key': randomUUID() };
    await Promise.all(Array.from({ length: 4 }, () => gateway.call('POST', '/v2/import/base64', { file: PNG, filename: 'x.png' }, { headers })));
    expect((await blobTasks()).length).toBe(before + 1);
  });
});

describe('tasks', () => {
  it('cancels a waiting task once', async () => {
    const { id } = (await gateway.call('POST', '/v2/import/upload', {})).json.data;
    const cancelled = await gateway.call('POST', `/v2/tasks/${id}/cancel`);
    expect([cancelled.status, cancelled.json.data.status, cancelled.json.data.code]).toEqual([200, 'error', 'CANCELLED']);
    const again = await gateway.call('POST', `/v2/tasks/${id}/cancel`, {});
    expect([again.status, again.json.errors]).toEqual([422, { status: ['Cannot change status: task already completed.'] }]);
  });

  it('deletes jobs and tasks: 204 without body and type, then 404', async () => {
    const job = (await gateway.call('POST', '/v2/jobs', contentJob())).json.data;
    for (const at of [`/v2/tasks/${job.tasks[1].id}`, `/v2/jobs/${job.id}`]) {
      const gone = await gateway.call('DELETE', at, undefined, { headers: { 'Content-Type': 'application/json' } });
      expect([gone.status, gone.text, gone.headers.get('content-type')]).toEqual([204, '', null]);
      expect((await gateway.call('GET', at)).status).toBe(404);
      expect((await gateway.call('DELETE', at)).status).toBe(404);
    }
  });

  it('retries a task as a new one, secrets and content included', async () => {
    const url = (await gateway.call('POST', '/v2/import/url', { url: 'http://x.test/a', headers: { Cookie: 'top=secret' }, timeout: 7 })).json.data;
    const again = await gateway.call('POST', `/v2/tasks/${url.id}/retry`);
    expect(again.status).toBe(201);
    expect(again.json.data).toMatchObject({ retry_of_task_id: url.id, copy_of_task_id: url.id, status: 'waiting', job_id: null });
    expect((await gateway.stores.jobs.resources.signedTask(again.json.data.id))?.view.timeoutMs).toBe(7_000);
    const content = (await gateway.call('POST', '/v2/jobs', contentJob())).json.data.tasks[0];
    expect((await gateway.call('POST', `/v2/tasks/${content.id}/retry`)).json.data).toMatchObject({ status: 'finished', result: content.result });
  });

  it('answers a wait at once when the task has ended, and as soon as it ends, without the bus', async () => {
    const { id } = (await gateway.call('POST', '/v2/import/base64', { file: PNG, filename: 'x.png' })).json.data;
    expect((await gateway.call('GET', `/v2/tasks/${id}/wait`)).json.data.status).toBe('finished');
    expect((await gateway.call('GET', `/v2/jobs/${randomUUID()}/wait`)).status).toBe(404);
  });

  it('shows missing, malformed and foreign ids alike', async () => {
    const other = await gateway.newKey({ email: 'other@millrace.test' });
    const job = (await gateway.call('POST', '/v2/jobs', contentJob())).json.data;
    const requests = [job.id, randomUUID(), 'x', "1'--", '%00', '..%2f..'].flatMap((id) =>
      [['GET', `/v2/jobs/${id}`], ['DELETE', `/v2/jobs/${id}`], ['GET', `/v2/tasks/${id}`], ['POST', `/v2/tasks/${id}/cancel`], ['GET', `/v2/jobs/${id}/wait`]].map(
        ([method, at]) => gateway.call(method!, at!, undefined, { key: other }),
      ),
    );
    for (const answer of await Promise.all(requests)) {
      expect(answer.status).toBe(404);
      expect(answer.json).toMatchObject({ code: 'NOT_FOUND' });
    }
  });
});

it('shows the user', async () => {
  const { data } = (await gateway.call('GET', '/v2/users/me')).json;
  expect(data).toMatchObject({ id: expect.any(Number), username: 'tester', email: 'first@millrace.test', credits: expect.any(Number), links: { self: `http://files.test/v2/users/${data.id}` } });
});
