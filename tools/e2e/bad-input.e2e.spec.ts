import { type Stack, startStack } from '../testing/stack';
import { otherAccount } from './accounts';
import { type Answer, Client, errorOf, taskNamed } from './client';
import { query } from './database';
import { hugePng, look, png } from './images';

let stack: Stack;
let client: Client;
let good: Buffer;

beforeAll(async () => {
  good = await png();
  stack = await startStack();
  client = Client.of(stack);
}, 120_000);
afterAll(() => stack?.stop(), 120_000);

const base64 = (file: Buffer, filename: string) => ({ operation: 'import/base64', file: file.toString('base64'), filename });
const toJpg = (input: string) => ({ operation: 'convert', input, output_format: 'jpg' });

/** A worker that was given a bad file must convert a good one right after. */
async function controlConverts(): Promise<void> {
  const job = await client.run({ in: base64(good, 'good.png'), do: toJpg('in'), out: { operation: 'export/url', input: 'do' } });
  expect(job.status).toBe('finished');
  const answer = await fetch(taskNamed(job, 'out').result!.files![0]!.url!);
  expect(await look(Buffer.from(await answer.arrayBuffer()))).toMatchObject({ format: 'jpeg', width: 120, height: 80 });
}

describe('a bad image fails its task, and nothing else', () => {
  const notAnImage = /^The file is not a readable image/;
  const unknown = /^The format of the file a\.(png|jpg) is not known/;
  const cases: [string, () => Buffer, string, string, RegExp][] = [
    ['corrupt in the middle', () => Buffer.concat([good.subarray(0, good.length / 2), Buffer.alloc(400, 0xff), good.subarray(good.length / 2 + 400)]), 'a.png', 'INVALID_INPUT', notAnImage],
    ['cut off', () => good.subarray(0, good.length / 3), 'a.png', 'INVALID_INPUT', notAnImage],
    ['only a signature', () => good.subarray(0, 8), 'a.png', 'INVALID_INPUT', notAnImage],
    ['text that calls itself png', () => Buffer.from('hello'), 'a.png', 'INVALID_INPUT', unknown],
    ['a program that calls itself jpg', () => Buffer.from('\x7fELF\x02\x01\x01'.padEnd(200, '\0'), 'latin1'), 'a.jpg', 'INVALID_INPUT', unknown],
    ['a bomb of 60,000 by 60,000', () => hugePng(60_000, 60_000), 'a.png', 'LIMIT_EXCEEDED', /pixels/],
    ['a bomb of 2^31-1 by 2^31-1', () => hugePng(2 ** 31 - 1, 2 ** 31 - 1), 'a.png', 'INVALID_INPUT', notAnImage],
    ['a drawing that includes our files', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="1000000" height="1000000"><image href="file:///etc/passwd"/></svg>'), 'a.svg', 'LIMIT_EXCEEDED', /limit|large/],
    ['a drawing without an end', () => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">${'<g>'.repeat(50_000)}`), 'a.svg', 'INVALID_INPUT', notAnImage],
  ];
  it.each(cases)('%s', async (_, file, filename, code, message) => {
    const job = await client.run({ in: base64(file(), filename), do: toJpg('in'), out: { operation: 'export/url', input: 'do' } });
    expect(job.status).toBe('error');
    expect(taskNamed(job, 'in').status).toBe('finished');
    expect(taskNamed(job, 'do')).toMatchObject({ status: 'error', code, message: expect.stringMatching(message), result: null });
    expect(taskNamed(job, 'do').message).not.toMatch(/\/|at .*\(|Vips|undefined/);
    expect(taskNamed(job, 'out')).toMatchObject({ status: 'error', code: 'INPUT_TASK_FAILED' });
    await controlConverts();
  });

  it('an empty file', async () => {
    const upload = await client.createTask('import/upload');
    expect(await client.api.upload(upload.result!.form!, 'empty.png', Buffer.alloc(0))).toBe(201);
    const task = await client.createTask('convert', { input: upload.id, output_format: 'jpg' });
    expect(await client.endedTask(task.id)).toMatchObject({ status: 'error', code: 'INVALID_INPUT', message: 'The file empty.png is empty' });
    await controlConverts();
  });

  it('a mislabelled one is known by its content', async () => {
    const job = await client.run({ in: base64(good, 'photo.jpg'), do: { ...toJpg('in'), output_format: 'webp' } });
    expect(taskNamed(job, 'do')).toMatchObject({ status: 'finished', result: { files: [{ filename: 'photo.webp' }] } });
  });

  it('a crowd of bad ones blocks no good one', async () => {
    const bad = await Promise.all(Array.from({ length: 20 }, () => client.createJob({ in: base64(hugePng(60_000, 60_000), 'a.png'), do: toJpg('in') })));
    await controlConverts();
    for (const { id } of bad) expect((await client.ended(id)).status).toBe('error');
  });
});

describe('a malformed request is refused in the shape of the contract, and makes nothing', () => {
  const raw = { operation: 'import/raw', file: 'x', filename: 'x.txt' };
  const nested = (depth: number): string => `{"tasks":{"a":${'{"x":'.repeat(depth)}1${'}'.repeat(depth)}}}`;
  const tasks = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, { operation: 'import/upload' }]));
  const job = (body: unknown) => (): Promise<Answer> => client.call('POST', '/v2/jobs', body);
  const of = (tasksOfJob: object) => job({ tasks: tasksOfJob });
  const uuid = '6f1d6c0e-3a55-4b0e-9d1c-0d5b9a3c7e11';

  const invalid: [string, () => Promise<Answer>, Record<string, unknown>][] = [
    ['no tasks', job({}), { tasks: ['The tasks field is required.'] }],
    ['empty tasks', job({ tasks: {}, tag: '' }), { tasks: ['The tasks field is required.'] }],
    ['tasks of the wrong type', job({ tasks: 'x' }), { tasks: expect.anything() }],
    ['a task of the wrong type', of({ a: 1 }), expect.anything() as never],
    ['an unknown operation', of({ a: { operation: 'convert/nothing' } }), { 'tasks.a.operation': expect.anything() }],
    ['no operation', of({ a: {} }), { 'tasks.a.operation': expect.anything() }],
    ['a cycle', of({ a: { operation: 'fault', input: 'b' }, b: { operation: 'fault', input: 'a' } }), expect.anything() as never],
    ['a task that needs itself', of({ a: { operation: 'fault', input: 'a' } }), expect.anything() as never],
    ['an unknown input', of({ a: { ...toJpg('nobody') } }), { 'tasks.a.input': ['Invalid input task.'] }],
    ['an input of nobody', of({ a: { ...toJpg(uuid) } }), { 'tasks.a.input': ['Invalid input task.'] }],
    ['an option of the wrong type', of({ in: raw, a: { ...toJpg('in'), width: 'wide' } }), { 'tasks.a.width': expect.anything() }],
    ['an option out of its bounds', of({ in: raw, a: { ...toJpg('in'), quality: 101 } }), { 'tasks.a.quality': expect.anything() }],
    ['an unknown option', of({ in: raw, a: { ...toJpg('in'), colour: 'red' } }), { 'tasks.a.colour': expect.anything() }],
    ['a header that smuggles', of({ a: { operation: 'import/url', url: 'http://a.example/', headers: { X: 'a\r\nY: b' } } }), { 'tasks.a.headers': expect.anything() }],
    ['a url of another kind', of({ a: { operation: 'import/url', url: 'file:///etc/passwd' } }), { 'tasks.a.url': expect.anything() }],
    ['a name with a path', of({ a: { ...raw, filename: '../x' } }), { 'tasks.a.filename': expect.anything() }],
    ['no base64', of({ a: { operation: 'import/base64', file: '%%%', filename: 'x' } }), { 'tasks.a.file': expect.anything() }],
    ['a timeout of nothing', of({ a: { operation: 'fault', timeout: 0 } }), { 'tasks.a.timeout': expect.anything() }],
    ['501 tasks', of(tasks(501)), { tasks: expect.anything() }],
    ['depth 33', job(nested(31)), { body: expect.anything() }],
    ['depth 100,000', job(nested(100_000)), { body: expect.anything() }],
    ['__proto__', job('{"tasks":{"__proto__":{"operation":"import/upload"}}}'), { body: expect.anything() }],
    ['half a JSON', job('{"tasks":'), { body: expect.anything() }],
    ['a standalone task without its input', () => client.call('POST', '/v2/convert', { output_format: 'jpg' }), { input: expect.anything() }],
    ['a standalone task with an input of nobody', () => client.call('POST', '/v2/convert', { input: uuid, output_format: 'jpg' }), { input: ['Invalid input task.'] }],
  ];
  it.each(invalid)('%s', async (_, send, errors) => {
    const before = await rows();
    expect(errorOf(await send())).toMatchObject({ status: 422, code: 'INVALID_DATA', errors });
    expect(await rows()).toEqual(before);
  });

  it('a conversion that nobody offers has a code of its own', async () => {
    expect(errorOf(await of({ in: raw, a: { ...toJpg('in'), output_format: 'docx', input_format: 'jpg' } })())).toMatchObject({ status: 422, code: 'INVALID_CONVERSION_TYPE', message: 'This conversion type is not supported', errors: { 'tasks.a.output_format': [expect.stringMatching(/Valid values: .*png/)] } });
  });

  it('500 tasks are taken', async () => {
    const answer = await of(tasks(500))();
    expect(answer.status).toBe(201);
    const { data } = JSON.parse(answer.text) as { data: { id: string; tasks: unknown[] } };
    expect(data.tasks).toHaveLength(500);
    expect((await client.call('DELETE', `/v2/jobs/${data.id}`)).status).toBe(204);
  });

  it('a body over its bound is 413, wherever it goes', async () => {
    const pad = 'x'.repeat(1_100_000);
    for (const path of ['/v2/jobs', '/v2/convert', '/v2/tasks/x/cancel']) {
      expect(errorOf(await client.call('POST', path, { tag: pad, tasks: { a: { operation: 'import/upload' } } }))).toMatchObject({ status: 413, code: 'PAYLOAD_TOO_LARGE' });
    }
    const content = { operation: 'import/base64', filename: 'x', file: 'A'.repeat(17 * 1024 * 1024) };
    // More than once: who closes too early is seen by some clients only.
    for (let i = 0; i < 8; i += 1) expect(errorOf(await client.call('POST', '/v2/jobs', { tasks: { a: content } }))).toMatchObject({ status: 413, code: 'PAYLOAD_TOO_LARGE' });
    const withinContent = { ...content, file: 'A'.repeat(2 * 1024 * 1024) };
    expect((await client.call('POST', '/v2/jobs', { tasks: { a: withinContent } })).status).toBe(201);
  });

  it('what is no JSON, no route or no method says so', async () => {
    expect(errorOf(await client.call('POST', '/v2/jobs', 'tasks=1', { 'content-type': 'application/x-www-form-urlencoded' }))).toMatchObject({ status: 415 });
    expect(errorOf(await client.call('GET', '/v2/nothing'))).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect(errorOf(await client.call('PUT', '/v2/jobs', '{}'))).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' });
  });

  const rows = (): Promise<object[]> => query(stack, 'select (select count(*) from jobs) jobs, (select count(*) from job_events) events, (select count(*) from job_keys) keys');
});

describe('somebody else', () => {
  let other: Client;
  let mine: string;
  let job: string;

  beforeAll(async () => {
    other = otherAccount(stack, 'other@example.com');
    const made = await client.run({ in: base64(good, 'mine.png') });
    [mine, job] = [taskNamed(made, 'in').id, made.id];
  });

  it('cannot use my task as an input, nor tell it from one that is not there', async () => {
    const answers = await Promise.all([mine, '6f1d6c0e-3a55-4b0e-9d1c-0d5b9a3c7e11'].map((input) => other.call('POST', '/v2/jobs', { tasks: { a: toJpg(input) } })));
    expect(errorOf(answers[0]!)).toMatchObject({ status: 422, code: 'INVALID_DATA', errors: { 'tasks.a.input': ['Invalid input task.'] } });
    expect(answers[0]!.text).toBe(answers[1]!.text);
    expect((await client.createTask('convert', { input: mine, output_format: 'jpg' })).status).toBe('waiting');
  });

  it.each([
    ['GET', 'jobs'], ['GET', 'tasks'], ['DELETE', 'jobs'], ['DELETE', 'tasks'],
  ] as const)('%s of my %s is not found', async (method, kind) => {
    expect(errorOf(await other.call(method, `/v2/${kind}/${kind === 'jobs' ? job : mine}`))).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  });

  it('neither cancels nor retries nor waits for it, and without a key nobody does anything', async () => {
    for (const verb of ['cancel', 'retry']) expect((await other.call('POST', `/v2/tasks/${mine}/${verb}`)).status).toBe(404);
    expect((await other.call('GET', `/v2/jobs/${job}/wait`)).status).toBe(404);
    expect((await client.job(job)).status).toBe('finished');
    const stranger = new Client(stack, 'no-such-key-at-all');
    expect(errorOf(await stranger.call('POST', '/v2/jobs', { tasks: {} }))).toMatchObject({ status: 401, code: 'UNAUTHENTICATED', message: 'Unauthenticated.' });
  });
});

describe('addresses that may not be reached fail the task, not the request', () => {
  it.each([
    ['http://127.0.0.1:1/a.png', 'URL_NOT_ALLOWED'],
    ['http://localhost/a.png', 'URL_NOT_ALLOWED'],
    ['http://[::1]/a.png', 'URL_NOT_ALLOWED'],
    ['http://[::ffff:127.0.0.1]/a.png', 'URL_NOT_ALLOWED'],
    ['http://2130706433/a.png', 'URL_NOT_ALLOWED'],
    ['http://0x7f.1/a.png', 'URL_NOT_ALLOWED'],
    ['http://10.0.0.1/a.png', 'URL_NOT_ALLOWED'],
    ['http://169.254.169.254/latest/meta-data/', 'URL_NOT_ALLOWED'],
    ['http://0.0.0.0/a.png', 'URL_NOT_ALLOWED'],
    ['http://invalid.url/test.file', 'DOWNLOAD_FAILED'],
  ])('%s: %s', async (url, code) => {
    const job = await client.createJob({ in: { operation: 'import/url', url } });
    expect(taskNamed(job, 'in').status).toBe('waiting');
    const ended = taskNamed(await client.ended(job.id), 'in');
    expect(ended).toMatchObject({ status: 'error', code });
    expect(ended.message).not.toMatch(/127\.0\.0\.1|ECONN|ENOTFOUND/);
  });
});
