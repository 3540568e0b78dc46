import { type Stack, startStack } from '../testing/stack';
import { Client, errorOf, taskNamed } from './client';
import { FileServer, type SeenRequest } from './file-server';

let stack: Stack;
let client: Client;
let receiver: FileServer;
/** What the receiver answers by path, in turn; 200 when nothing is left. */
const answers: Record<string, number[]> = { '/refused': [403], '/busy': [503, 500], '/moved': [307] };

beforeAll(async () => {
  receiver = await FileServer.start(({ path }, response) => void response.writeHead(answers[path]?.shift() ?? 200, { location: `${receiver.url}/elsewhere` }).end());
  stack = await startStack({ env: { SAFE_FETCH_ALLOW: '127.0.0.1' } });
  client = Client.of(stack);
}, 120_000);
afterAll(async () => {
  await stack?.stop();
  await receiver?.stop();
}, 120_000);

const seenAt = (path: string): SeenRequest[] => receiver.seen.filter((request) => request.path === path);
const raw = (file: string, filename: string) => ({ operation: 'import/raw', file, filename });
const to = (path: string, input: string | string[], more: object = {}) => ({ operation: 'export/upload', input, url: `${receiver.url}${path}`, ...more });

it('puts the file where it was told to, with the headers it was given, and shows neither', async () => {
  const job = await client.run({ in: raw('x'.repeat(100_000), 'letter.txt'), out: to('/in/letter?sig=a%2Fb', 'in', { headers: { 'X-Key': 's3cret-key' } }) });
  const out = taskNamed(job, 'out');
  expect(out).toMatchObject({ status: 'finished', percent: 100, result: { files: [{ filename: 'letter.txt', size: 100_000 }] } });
  expect(Object.keys(out.result!.files![0]!).sort()).toEqual(['filename', 'size']);
  const [request, ...more] = seenAt('/in/letter?sig=a%2Fb');
  expect(more).toEqual([]);
  expect(request).toMatchObject({ method: 'PUT', headers: { 'x-key': 's3cret-key', 'content-length': '100000', 'content-type': expect.stringMatching(/^text\/plain/) } });
  expect(request!.body.toString()).toBe('x'.repeat(100_000));
  // The address is kept like the headers: it may be presigned.
  expect((await client.task(out.id, 'payload')).payload).toEqual({});
});

it('sends several files to addresses of their own, and says what is missing where there is only one', async () => {
  const tasks = { a: raw('1', 'a.txt'), b: raw('22', 'b.txt') };
  const good = await client.run({ ...tasks, out: to('/many/%d/%s', ['a', 'b']) });
  expect(taskNamed(good, 'out').result?.files?.map(({ filename }) => filename)).toEqual(['a.txt', 'b.txt']);
  expect([seenAt('/many/1/a.txt'), seenAt('/many/2/b.txt')].flat().map(({ body }) => body.toString())).toEqual(['1', '22']);
  const bad = await client.run({ ...tasks, out: to('/one', ['a', 'b']) });
  expect(taskNamed(bad, 'out')).toMatchObject({ status: 'error', code: 'INVALID_INPUT', message: expect.stringContaining('%d') });
  expect(seenAt('/one')).toEqual([]);
});

it('tries again where the receiver is to blame, and not where it refuses', async () => {
  const [busy, refused, moved] = await Promise.all(['/busy', '/refused', '/moved'].map((path) => client.run({ in: raw('x', 'x.txt'), out: to(path, 'in') })));
  expect(busy).toMatchObject({ status: 'finished' });
  expect(seenAt('/busy')).toHaveLength(3);
  expect(refused).toMatchObject({ status: 'error' });
  expect(taskNamed(refused!, 'out')).toMatchObject({ code: 'UPLOAD_FAILED', message: expect.stringContaining('403') });
  expect(taskNamed(moved!, 'out')).toMatchObject({ code: 'UPLOAD_FAILED', message: expect.stringContaining('307') });
  expect([seenAt('/refused').length, seenAt('/moved').length, seenAt('/elsewhere').length]).toEqual([1, 1, 0]);
});

it('is a task by itself too, of an input that is there already', async () => {
  const source = await client.createTask('import/raw', { file: 'y', filename: 'y.txt' });
  const { id } = await client.createTask('export/upload', { input: source.id, url: `${receiver.url}/alone` });
  expect(await client.endedTask(id)).toMatchObject({ status: 'finished', result: { files: [{ filename: 'y.txt', size: 1 }] } });
  expect(seenAt('/alone').map(({ body }) => body.toString())).toEqual(['y']);
});

it('never reaches a private address', async () => {
  const job = await client.run({ in: raw('x', 'x.txt'), out: { operation: 'export/upload', input: 'in', url: 'http://127.0.0.2:1/' } });
  expect(taskNamed(job, 'out')).toMatchObject({ status: 'error', code: 'URL_NOT_ALLOWED', message: 'The URL is not allowed' });
});

it.each([[{}], [{ url: 'ftp://x.test/' }], [{ url: 'http://x.test/', headers: { 'a b': 'c' } }], [{ url: 'http://x.test/', headers: 'x' }]])('refuses %j', async (options) => {
  const error = errorOf(await client.call('POST', '/v2/jobs', { tasks: { in: raw('x', 'x.txt'), out: { operation: 'export/upload', input: 'in', ...options } } }));
  expect(error).toMatchObject({ status: 422, code: 'INVALID_DATA' });
  expect(Object.keys(error.errors!)).toEqual([expect.stringMatching(/^tasks\.out\.(url|headers)$/)]);
});
